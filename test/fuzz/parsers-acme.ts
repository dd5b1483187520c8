/** What a CA sends, and PEM from anywhere. */
import { createPublicKey } from "node:crypto";

import { loadAccountKey } from "../../sdk/acme";
import { parseAccount } from "../../sdk/acme/account-object";
import { problemErrorOf, retryAtOf, type Answer } from "../../sdk/acme/answer";
import { parseAuthorization } from "../../sdk/acme/authorization-object";
import { parseDirectory } from "../../sdk/acme/directory-object";
import { AcmeError } from "../../sdk/acme/errors";
import { linkTargets } from "../../sdk/acme/links";
import { parseOrder } from "../../sdk/acme/order-object";
import { describeProblem, toProblem } from "../../sdk/acme/problems";
import { handedOutUrl } from "../../sdk/acme/urls";
import { ConfigurationError } from "../../sdk/util/errors";
import { instant } from "../../sdk/util/instant";
import { asObject, parseJson } from "../../sdk/util/json";
import { readPem } from "../../sdk/util/pem";
import { describeCertificate } from "../../sdk/x509/certificate";
import { readCertificateRequest } from "../../sdk/x509/csr";
import { keyTypeOf, normalizePrivateKey, publicKeySha256 } from "../../sdk/x509/keys";
import { CertificateError, splitCertificates } from "../../sdk/x509/pem";
import type { Parser } from "./parser";
import { CERTIFICATE_PEM, REQUEST_PEM } from "./pem-examples";
import { ed25519KeyPem, rsaKeyPem } from "../support/x509/rfc-vectors";

const CA = "https://ca.example/";
const NOW = Date.parse("2026-06-01T12:00:00Z");

function answer(text: string, headers: Record<string, string> = {}): Answer {
  const get = (name: string): string | null => headers[name] ?? null;
  return { url: CA, status: 500, headers: { get }, text, nonce: undefined };
}

const object = (text: string): Record<string, unknown> => asObject(parseJson(text)) ?? {};
const problem =
  '{"type":"urn:ietf:params:acme:error:malformed","detail":"no","status":400,"subproblems":[{"type":"dns","identifier":{"type":"dns","value":"a.example"}}]}';
const urls = '"finalize":"https://ca.example/f","authorizations":["https://ca.example/a"]';

export const acmeParsers: readonly Parser[] = [
  {
    name: "a problem document",
    read: (text) => {
      const inside = toProblem(parseJson(text));
      return [problemErrorOf("order", answer(text), NOW), inside && describeProblem(inside)];
    },
    examples: [problem, "<html><title>502</title><p>Bad Gateway</html>", '"words"'],
    openings: ["<style>", '{"detail":"'],
  },
  {
    name: "a Link header",
    read: (text) => linkTargets(text, "alternate"),
    examples: ['<https://ca.example/c/1>;rel="alternate", </c/2>; title="a,b"; rel=alternate'],
    openings: ["<", '<a>;rel="', "<a>;"],
  },
  {
    name: "a Retry-After header",
    read: (text) => {
      const headers = { "retry-after": text, date: "Thu, 01 Jan 1970 00:00:00 GMT" };
      const at = retryAtOf(answer("", headers), NOW);
      return [
        at === undefined ? "none" : instant(at),
        problemErrorOf("order", answer("", headers), NOW),
      ];
    },
    examples: [
      "120",
      "Mon, 01 Jun 2026 12:02:00 GMT",
      "Fri, 31 Dec 275759 23:59:59 GMT",
      "9".repeat(30),
    ],
    openings: ["Mon, "],
  },
  {
    name: "a directory",
    read: (text) => parseDirectory(CA, answer(text)),
    examples: [
      `{"newNonce":"${CA}n","newAccount":"${CA}a","newOrder":"${CA}o","revokeCert":"${CA}r","keyChange":"${CA}k","meta":{"caaIdentities":["ca.example"],"profiles":{"x":"y"}}}`,
    ],
    errors: [AcmeError],
    openings: [`{"newNonce":"`],
  },
  {
    name: "an order",
    read: (text) => parseOrder(CA, CA, object(text)),
    examples: [
      `{"status":"pending","identifiers":[{"type":"dns","value":"a.example"}],"expires":"2026-06-02T12:00:00Z",${urls},"error":${problem}}`,
    ],
    errors: [AcmeError],
  },
  {
    name: "an authorization",
    read: (text) => parseAuthorization(CA, CA, object(text)),
    examples: [
      `{"status":"pending","identifier":{"type":"dns","value":"a.example"},"challenges":[{"type":"dns-01","url":"https://ca.example/c","token":"${"t".repeat(43)}","status":"pending","error":${problem}}]}`,
    ],
    errors: [AcmeError],
  },
  {
    name: "an account",
    read: (text) => parseAccount(CA, answer(text)),
    examples: ['{"status":"valid","contact":["mailto:a@example.com"],"termsOfServiceAgreed":true}'],
    errors: [AcmeError],
  },
  {
    name: "a URL that is handed out",
    read: (text) => handedOutUrl("order", text, CA),
    examples: ["https://ca.example/order/1", "/order/1"],
    errors: [AcmeError],
    openings: ["https://", "https://ca.example/"],
  },
  {
    name: "PEM text",
    read: (text) => [readPem(text), splitCertificates(text)],
    examples: [CERTIFICATE_PEM, CERTIFICATE_PEM + ed25519KeyPem],
    errors: [CertificateError],
    openings: ["-----BEGIN CERTIFICATE-----\n"],
  },
  {
    name: "a certificate",
    read: (text) => [describeCertificate(text), publicKeySha256(text)],
    examples: [CERTIFICATE_PEM],
    errors: [CertificateError, ConfigurationError],
    openings: ["-----BEGIN CERTIFICATE-----\n"],
  },
  {
    name: "a certificate request",
    read: readCertificateRequest,
    examples: [REQUEST_PEM],
    errors: [ConfigurationError],
    openings: ["-----BEGIN CERTIFICATE REQUEST-----\n"],
  },
  {
    name: "a private key of a certificate",
    read: (text) => [createPublicKey(normalizePrivateKey(text)), keyTypeOf(text)],
    examples: [rsaKeyPem, ed25519KeyPem],
    errors: [ConfigurationError],
    openings: ["-----BEGIN PRIVATE KEY-----\n", "-----BEGIN RSA PRIVATE KEY-----\nProc-Type:"],
    isSecret: true,
  },
  {
    name: "a private key of an account",
    read: loadAccountKey,
    examples: [rsaKeyPem, ed25519KeyPem],
    errors: [ConfigurationError],
    openings: ["-----BEGIN PRIVATE KEY-----\n"],
    isSecret: true,
  },
];
