/** One issuance by one account: profile, solvers and preflight from the arguments, within the deadline. */
import { type AccountCredentials, type DirectoryMeta, getDirectory, nameList } from "../acme";
import { withDeadline } from "../util/abort";
import { durationMs } from "../util/duration";
import type { AccountReference, CertificateArguments } from "./arguments";
import { buildSolver } from "./build-solver";
import { clientFor, credentialsFor } from "./clients";
import type { KeyMaterial } from "./key-material";
import { obtain } from "./obtain";
import { obtainFromOrder } from "./obtain-from-order";
import { orderOutcomes } from "./order-outcome";
import { profileFor } from "./place-order";
import { runPreflight } from "./preflight";
import type { Checkpoint, IssuanceContext, Obtained, ResumableContext } from "./request";

/** What of the arguments says how a certificate is issued; its names and its key are in the {@link KeyMaterial}. */
export type IssueArguments = Pick<
  CertificateArguments,
  | "solvers"
  | "order"
  | "profile"
  | "profileRequired"
  | "notBefore"
  | "notAfter"
  | "preferredChain"
  | "preflight"
  | "propagation"
  | "timeout"
>;

/** What is known from before. */
export interface FormerIssuance {
  readonly checkpoint?: Checkpoint;
  /** The ARI identifier of the certificate that is renewed, RFC 9773 §5. */
  readonly replaces?: string;
}

export async function issueByAccount(
  account: AccountReference,
  args: IssueArguments,
  material: KeyMaterial,
  { checkpoint, replaces }: FormerIssuance,
  interrupted: ResumableContext,
): Promise<Obtained> {
  const { order, notBefore, notAfter, preferredChain, solvers = [], timeout = "10m" } = args;
  const profile = await profileFor(args, account, interrupted);
  const request = {
    ...material,
    solvers: order === undefined ? solvers : [{ prepared: order.challenge }],
    profile,
    replaces,
    notBefore,
    notAfter,
    preferredChain,
  };
  const client = clientFor(account);
  const credentials = await credentialsFor(account);
  const { meta } = await getDirectory(client, { signal: interrupted.signal });
  const what = `acme: issuing for ${nameList(material.identifiers)}`;
  let doing = "nothing had begun";
  const progress = (message: string): void => {
    doing = message;
    interrupted.progress(message);
  };
  const run = (signal: AbortSignal): Promise<Obtained> => {
    const context = solvingContext(credentials, meta, args, { ...interrupted, progress, signal });
    if (order === undefined) return obtain(client, credentials, request, checkpoint, context);
    // Whatever comes of it, the order is not what it was when its outcome was asked for.
    orderOutcomes.forget(order.orderUrl);
    return obtainFromOrder(client, credentials, request, order.orderUrl, context);
  };
  return withDeadline(what, durationMs(timeout), interrupted.signal, run, () => doing);
}

/** How `args` has names proven at this CA. */
function solvingContext(
  { accountUrl, key: { thumbprint } }: AccountCredentials,
  { accountHashPrefix, caaIdentities }: DirectoryMeta,
  { preflight, propagation }: IssueArguments,
  context: ResumableContext,
): IssuanceContext {
  const resolvers = typeof preflight === "object" ? preflight.resolvers : undefined;
  const settings = { accountUrl, thumbprint, accountHashPrefix, propagation, resolvers };
  return {
    ...context,
    now: Date.now,
    solverOf: (entry) => buildSolver(entry, settings),
    preflight: (proofs) => runPreflight(proofs, preflight, { caaIdentities, accountUrl }, context),
  };
}
