/** http-01 answered by the web server itself, from the token and the account's thumbprint. */
import type { Solver } from "../solver";

/**
 * Installs nothing: the web server answers every token with token, "." and the account's thumbprint, as the location
 * that `NginxSite` writes for `challenge: { thumbprint }` does.
 */
export function stateless(): Solver {
  return {
    challengeType: "http-01",
    label: "http-01, answered by the web server from the account's thumbprint",
    present: () => Promise.resolve({ cleanUp: () => Promise.resolve() }),
  };
}
