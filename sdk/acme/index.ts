/**
 * A client for ACME: RFC 8555, RFC 8738, RFC 9773, and certificate profiles.
 *
 * Functions over plain data. The one thing with a memory is the {@link AcmeServer}: nonces, the directory, limits.
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
export type { Account } from "./account-object";
export { changeAccountKey } from "./account-key-change";
export {
  deactivateAuthorization,
  getAuthorization,
  pollAuthorization,
  respondToChallenge,
} from "./authorization";
export type {
  Authorization,
  AuthorizationStatus,
  Challenge,
  ChallengeStatus,
} from "./authorization-object";
export { downloadCertificate, revokeCertificate, type DownloadedCertificate } from "./certificate";
export { getDirectory, type Directory, type DirectoryMeta } from "./directory";
export type { ExternalAccountBinding } from "./external-account-binding";
export { AcmeConnectionError, AcmeProtocolError, AcmeUnsupportedError } from "./errors";
export type { AcmeIdentifier } from "./identifiers";
export type { MacAlgorithm } from "./jws";
export { loadAccountKey, type AccountKey, type PublicJwk, type SignatureAlgorithm } from "./keys";
export { finalizeOrder, getOrder, newOrder, pollOrder, type NewOrderRequest } from "./order";
export type { Order, OrderStatus } from "./order-object";
export { AcmeProblemError, describeProblem, type Problem, type Subproblem } from "./problems";
export { certId, getRenewalInfo, type RenewalInfo } from "./renewal-info";
export {
  createAcmeClient,
  type AcmeFetch,
  type AcmeRequestOptions,
  type AcmeResponse,
  type AcmeClient as AcmeServer,
} from "./client";
