/** The location that answers http-01 challenges. Pure. */
import { HTTP01_PREFIX } from "../util/challenge";
import type { NginxChallenge } from "./config";
import { proxyLines } from "./proxy";
import { isStated, type Statement } from "./raw";
import { block, directive, word, type Lines } from "./syntax";

const HTTP01_PATTERN = HTTP01_PREFIX.replace(".", "\\.");

/** What nginx runs for a whole server, in the order of the text, before it looks for a location; `include` may bring any of them. */
const BEFORE_LOCATIONS = ["return", "rewrite", "if", "include"];

/**
 * Keeps the user's statements in the same block from answering challenges: `break` ends the rewrite phase of the server.
 *
 * @param stated - the user's own statements, which come after this.
 * @see ngx_http_rewrite_module
 * @see acmesh-official/acme.sh#1115
 */
export function challengeGuard(stated: readonly Statement[]): Lines {
  if (!BEFORE_LOCATIONS.some((name) => isStated(stated, name))) return [];
  return block(`if ($uri ~ "^${HTTP01_PATTERN}")`, [[directive("break")]]);
}

/**
 * `^~`, because a regular expression of the user's (`~ /\.` to hide dot files, as everybody has it) would win over a
 * plain prefix.
 *
 * @param authRequest - whether the block around it uses `auth_request`: that module is not in every nginx.
 */
export function challengeLocation(challenge: NginxChallenge, authRequest: boolean): Lines {
  return block(`location ^~ ${HTTP01_PREFIX}`, parts(challenge, authRequest));
}

function parts(challenge: NginxChallenge, authRequest: boolean): readonly Lines[] {
  if (challenge.thumbprint !== undefined) {
    return [stateless(challenge.thumbprint), [directive("return", "404")]];
  }
  // `return` comes before access control, files and proxies after it: passwords and deny rules of the site must not
  // reach the CA (nixpkgs#180980).
  const open = [
    directive("auth_basic", "off"),
    ...(authRequest ? [directive("auth_request", "off")] : []),
    directive("allow", "all"),
  ];
  if (challenge.webroot === undefined)
    return [open, proxyLines({ proxyPass: challenge.proxyPass })];
  return [
    open,
    [
      directive("root", word(challenge.webroot)),
      directive("default_type", "text/plain"),
      directive("try_files", "$uri", "=404"),
    ],
  ];
}

/** RFC 8555 §8.1: a key authorization is the token, a dot, and the account key's thumbprint. */
function stateless(thumbprint: string): Lines {
  return block(`location ~ "^${HTTP01_PATTERN}([-_a-zA-Z0-9]+)$"`, [
    [directive("default_type", "text/plain"), directive("return", "200", `"$1.${thumbprint}"`)],
  ]);
}
