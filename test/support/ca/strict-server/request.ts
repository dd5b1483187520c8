/** Requests as the strict ACME server sees them, and where they go. */
import type { IncomingHttpHeaders } from "node:http";
import type { Deviations } from "./deviations";
import type { Issuer } from "./issuer";
import type { Nonces } from "./nonces";
import type { StrictServerOptions } from "./options";
import type { State, StoredAccount } from "./state";

export type EndpointName =
  | "directory"
  | "newNonce"
  | "newAccount"
  | "account"
  | "newOrder"
  | "order"
  | "authorization"
  | "challenge"
  | "finalize"
  | "certificate"
  | "keyChange"
  | "revokeCert"
  | "renewalInfo";

export interface StrictRequest {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  /** As the client must have signed it. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly endpoint: EndpointName;
  /** What follows the endpoint's path. */
  readonly ids: readonly string[];
  /** Of a signed request: what was signed. */
  payload?: unknown;
}

/** A signed request whose signature was right. */
export interface SignedRequest extends StrictRequest {
  readonly payload: unknown;
  readonly jwk: Readonly<Record<string, unknown>>;
  /** Absent where the request was signed under a `jwk`. */
  readonly account?: StoredAccount;
}

/** What all endpoints share. */
export interface StrictContext {
  readonly options: StrictServerOptions;
  readonly state: State;
  readonly nonces: Nonces;
  readonly deviations: Deviations;
  readonly issuer: Issuer;
  /** `https://127.0.0.1:port`. */
  readonly baseUrl: string;
}

const PATHS: Readonly<Record<EndpointName, string>> = {
  directory: "/directory",
  newNonce: "/acme/new-nonce",
  newAccount: "/acme/new-acct",
  account: "/acme/acct",
  newOrder: "/acme/new-order",
  order: "/acme/order",
  authorization: "/acme/authz",
  challenge: "/acme/chall",
  finalize: "/acme/finalize",
  certificate: "/acme/cert",
  keyChange: "/acme/key-change",
  revokeCert: "/acme/revoke-cert",
  renewalInfo: "/acme/renewal-info",
};

export function urlOf(
  context: Pick<StrictContext, "baseUrl">,
  endpoint: EndpointName,
  ...ids: string[]
): string {
  return [context.baseUrl + PATHS[endpoint], ...ids].join("/");
}

export function route(path: string): { endpoint: EndpointName; ids: string[] } | undefined {
  for (const [endpoint, prefix] of Object.entries(PATHS)) {
    if (path === prefix) return { endpoint: endpoint as EndpointName, ids: [] };
    if (path.startsWith(`${prefix}/`)) {
      return { endpoint: endpoint as EndpointName, ids: path.slice(prefix.length + 1).split("/") };
    }
  }
  return undefined;
}
