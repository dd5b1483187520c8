/**
 * A client for ACME: RFC 8555, RFC 8738, RFC 9773, and certificate profiles.
 *
 * Functions over plain data. Only the {@link AcmeClient} has state: nonces, the directory, limits.
 */
export {
  deactivateAccount,
  findAccount,
  getAccount,
  newAccount,
  updateAccount,
  type AccountCredentials,
  type NewAccountRequest,
} from "./account";
export { isRefusedAccount, type Account } from "./account-object";
export { changeAccountKey } from "./account-key-change";
export {
  getAuthorization,
  pollAuthorization,
  respondToChallenge,
  type Answered,
} from "./authorization";
export {
  wantedIdentifier,
  type Authorization,
  type AuthorizationStatus,
  type Challenge,
  type ChallengeStatus,
} from "./authorization-object";
export { downloadCertificate, revokeCertificate, type DownloadedCertificate } from "./certificate";
export { getDirectory } from "./directory";
export type { Directory, DirectoryMeta } from "./directory-object";
export type { ExternalAccountBinding } from "./external-account-binding";
export { AcmeConnectionError, AcmeProtocolError, AcmeUnsupportedError } from "./errors";
export { nameList, sameIdentifiers, type AcmeIdentifier } from "./identifiers";
export type { MacAlgorithm } from "./jws";
export { loadAccountKey, type AccountKey, type PublicJwk, type SignatureAlgorithm } from "./keys";
export {
  finalizeOrder,
  getOrder,
  lookAgain,
  newOrder,
  pollOrder,
  type NewOrderRequest,
} from "./order";
export { getAuthorizations } from "./order-authorizations";
export { type Order, type OrderStatus } from "./order-object";
export {
  AcmeProblemError,
  describeProblem,
  hasProblemType,
  type KnownProblemType,
  type Problem,
  type ProblemType,
  type Subproblem,
} from "./problems";
export { isAmbiguous } from "./retry";
export { certId, getRenewalInfo, type RenewalInfo } from "./renewal-info";
export {
  createAcmeClient,
  forOperation,
  type AcmeClientOptions,
  type AcmeFetch,
  type AcmeRequestOptions,
  type AcmeResponse,
  type AcmeClient,
} from "./client";
