/** The TLS settings of a site. Pure. */
import type { NginxClientCertificate, NginxTls } from "./config";
import { isStated, type Statement } from "./raw";
import { directive, word, type Lines } from "./syntax";

/** Forward secrecy and authenticated encryption alone; TLS 1.3 has a list of its own. */
const CIPHERS = [
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
].join(":");

/**
 * @param zone - name of the session cache's zone.
 * @param stated - the user's own statements in the same block, which come before our defaults.
 */
export function tlsLines(tls: NginxTls, zone: string, stated: readonly Statement[]): Lines {
  const keys = listOf(tls.certificateKey);
  const certificates = listOf(tls.certificate).flatMap((certificate, index) => [
    directive("ssl_certificate", word(certificate)),
    directive("ssl_certificate_key", word(keys[index] ?? "")),
  ]);
  const settings: readonly (readonly [name: string, given: unknown, value: string])[] = [
    ["ssl_protocols", tls.protocols, (tls.protocols ?? ["TLSv1.2", "TLSv1.3"]).join(" ")],
    ["ssl_ciphers", tls.ciphers, word(tls.ciphers ?? CIPHERS)],
    // Every cipher of the list is good: the client knows which is fastest for it.
    ["ssl_prefer_server_ciphers", undefined, "off"],
    ["ssl_session_cache", tls.sessionCache, tls.sessionCache ?? `shared:${zone}:1m`],
    ["ssl_session_timeout", undefined, "1d"],
    // nginx keeps one ticket key for as long as it runs: no forward secrecy.
    ["ssl_session_tickets", undefined, "off"],
  ];
  return [
    ...certificates,
    ...verificationLines(tls),
    ...settings
      .filter(([name, given]) => given !== undefined || !isStated(stated, name))
      .map(([name, , value]) => directive(name, value)),
  ];
}

/** What others' certificates and answers are verified with. */
function verificationLines({
  clientCertificate,
  ocspStapling,
  trustedCertificate,
}: NginxTls): Lines {
  return [
    ...(clientCertificate === undefined ? [] : clientLines(clientCertificate)),
    ...(ocspStapling === true ? [directive("ssl_stapling", "on")] : []),
    // Without the issuer's certificate nginx could verify nothing, and staples all the same.
    ...(ocspStapling === true && trustedCertificate !== undefined
      ? [directive("ssl_stapling_verify", "on")]
      : []),
    ...(trustedCertificate === undefined
      ? []
      : [directive("ssl_trusted_certificate", word(trustedCertificate))]),
  ];
}

function clientLines({ ca, verify = "on", depth }: NginxClientCertificate): Lines {
  return [
    directive("ssl_client_certificate", word(ca)),
    directive("ssl_verify_client", verify),
    ...(depth === undefined ? [] : [directive("ssl_verify_depth", String(depth))]),
  ];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
