/** Passing requests on to another server. Pure. */
import { directive, word, type Lines } from "./syntax";
import { isStated, type Statement } from "./raw";

/** What the server behind must know of the client. */
const HEADERS: readonly (readonly [string, string])[] = [
  ["Host", "$host"],
  ["X-Real-IP", "$remote_addr"],
  ["X-Forwarded-For", "$proxy_add_x_forwarded_for"],
  ["X-Forwarded-Proto", "$scheme"],
];

/** @param stated - the user's own statements in the same block, which come before ours. */
export function proxyLines(proxyPass: string, stated: readonly Statement[] = []): Lines {
  return [directive("proxy_pass", word(proxyPass)), ...proxyDefaults(proxyPass, stated)];
}

/** What goes along with `proxy_pass`, as far as the user has not written it himself. */
export function proxyDefaults(proxyPass: string, stated: readonly Statement[]): Lines {
  const defaults: (readonly [string, string])[] = [["proxy_http_version", "1.1"]];
  // Without it nginx sends no server name in its TLS handshake with the server behind.
  if (/^https:/i.test(proxyPass)) defaults.push(["proxy_ssl_server_name", "on"]);
  return [
    ...defaults
      .filter(([name]) => !isStated(stated, name))
      .map(([name, value]) => directive(name, value)),
    ...HEADERS.filter(([name]) => !isStated(stated, "proxy_set_header", name)).map(
      ([name, value]) => directive("proxy_set_header", name, value),
    ),
  ];
}
