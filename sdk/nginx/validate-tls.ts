/** Whether the TLS settings of a site can be rendered. Pure. */
import type { NginxSiteConfig, NginxTls } from "./config";
import type { Findings } from "./findings";
import { maxAgeSeconds } from "./max-age";
import { absolutePathProblem, ciphersProblem, PROTOCOLS, sessionCacheProblem } from "./values";

/** What is wrong with `tls`, and with what stands in its place. */
export function tlsProblems(config: NginxSiteConfig, findings: Findings): void {
  const given = findings.object("tls", config.tls);
  if (given === undefined) return;
  if (config.rejectHandshake === true)
    findings.add("rejectHandshake", "refuses what tls would serve; give one of the two");
  pairs(given, findings);
  const protocols = findings.list("tls.protocols", given.protocols);
  if (protocols?.length === 0) findings.add("tls.protocols", "must have at least one protocol");
  protocols?.forEach((protocol, index) => {
    findings.text(`tls.protocols[${String(index)}]`, protocol, (value) =>
      PROTOCOLS.includes(value) ? undefined : `must be one of ${PROTOCOLS.join(", ")}`,
    );
  });
  findings.text("tls.ciphers", given.ciphers, ciphersProblem);
  findings.text("tls.sessionCache", given.sessionCache, sessionCacheProblem);
  verification(given, findings);
  if (typeof given.hsts === "boolean") return;
  const hsts = findings.object("tls.hsts", given.hsts);
  if (hsts === undefined) return;
  findings.required("tls.hsts.maxAge", hsts.maxAge);
  findings.text("tls.hsts.maxAge", hsts.maxAge, (value) =>
    maxAgeSeconds(value) === undefined ? 'must be a duration such as "365d"' : undefined,
  );
}

function pairs(given: NginxTls, findings: Findings): void {
  const counts = (["certificate", "certificateKey"] as const).map((key) => {
    const path = `tls.${key}`;
    const value = given[key];
    findings.required(path, value);
    if (typeof value === "string") {
      findings.text(path, value, absolutePathProblem);
      return findings.knows(value) ? 1 : undefined;
    }
    const list = findings.list(path, value);
    list?.forEach((item, index) => {
      findings.text(`${path}[${String(index)}]`, item, absolutePathProblem);
    });
    if (list?.length === 0) findings.add(path, "must have at least one path");
    return list?.length;
  });
  const [certificates, keys] = counts;
  if (certificates !== undefined && keys !== undefined && certificates !== keys) {
    findings.add(
      "tls.certificateKey",
      `has ${String(keys)} of the ${String(certificates)} keys; each certificate needs its own, in the same order`,
    );
  }
}

function verification(given: NginxTls, findings: Findings): void {
  findings.text("tls.trustedCertificate", given.trustedCertificate, absolutePathProblem);
  const client = findings.object("tls.clientCertificate", given.clientCertificate);
  if (client === undefined) return;
  const { ca, verify, depth } = client;
  findings.required("tls.clientCertificate.ca", ca);
  findings.text("tls.clientCertificate.ca", ca, absolutePathProblem);
  findings.text("tls.clientCertificate.verify", verify, (value) =>
    ["on", "optional"].includes(value) ? undefined : 'must be "on" or "optional"',
  );
  findings.count("tls.clientCertificate.depth", depth, 0);
}
