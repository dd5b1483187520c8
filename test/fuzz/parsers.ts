/** All that reads what others wrote: CAs, name servers, clients, hosts, and users. */
import { pageIn, refusalIn } from "../../sdk/challenges/dns-01/providers/cloudflare/answers";
import { readClientHello } from "../../sdk/challenges/tls-alpn-01/client-hello";
import { addressesIn } from "../../sdk/challenges/preflight/hosts-file";
import { redirectTarget } from "../../sdk/challenges/http-01/redirect";
import { ProbeFailure } from "../../sdk/challenges/preflight/probe";
import { listOf, readConfig } from "../../sdk/cli/adopt/configobj";
import { readVariables } from "../../sdk/cli/adopt/shell-variables";
import { readExport, StatusError } from "../../sdk/cli/status/stack-export";
import { forbiddenBy, parseIssueValue } from "../../sdk/dns/caa-records";
import { parseServerAddress } from "../../sdk/dns/server";
import { decodeReply, encodeQuery, isReplyTo, rcodeOf } from "../../sdk/dns/message";
import { sign, verify } from "../../sdk/dns/tsig";
import { parseSpan } from "../../sdk/util/duration";
import { proxiesOf } from "../../sdk/http/proxy";
import { refusalByStatus } from "../../sdk/http/rest-service";
import { withoutTrailingSlashes } from "../../sdk/http/url";
import { ConfigurationError } from "../../sdk/util/errors";
import { decodeHmacKey } from "../../sdk/util/hmac-key";
import { parseJson } from "../../sdk/util/json";
import { normalizeDnsName, normalizeIpAddress } from "../../sdk/util/names";
import { nearest, printable, singleLine } from "../../sdk/util/text";
import { acmeParsers } from "./parsers-acme";
import { hostParsers } from "./parsers-hosts";
import { nginxParsers } from "./parsers-nginx";
import type { Parser } from "./parser";
import { dnsReply, helloRecords, TSIG_KEY } from "./examples";

const octets = (text: string): Buffer => Buffer.from(text, "latin1");
const latin1 = (bytes: Buffer): string => bytes.toString("latin1");

const QUERY = encodeQuery(1, { name: "a.example", type: "TXT", recurse: true }, true);

const dnsParsers: readonly Parser[] = [
  {
    name: "a DNS message",
    read: (text) => [
      isReplyTo(QUERY, octets(text)),
      rcodeOf(octets(text)),
      decodeReply(octets(text)),
    ],
    examples: [latin1(dnsReply())],
    // Those of dns-packet: whoever asks a server makes a NoAnswer of them.
    errors: [Error],
  },
  {
    name: "a DNS message with TSIG",
    read: (text) => verify(octets(text), TSIG_KEY, Buffer.alloc(32), 1_000_000),
    examples: [latin1(sign(dnsReply(), TSIG_KEY, 1_000_000).message)],
  },
  {
    name: "a CAA value",
    read: (text) => [
      parseIssueValue(text),
      forbiddenBy([{ critical: true, tag: "issue", value: text }], {
        caaIdentities: ["ca.example"],
        accountUrl: "https://ca.example/1",
        method: "dns-01",
        wildcard: true,
      }),
    ],
    examples: ["ca.example; accounturi=https://ca.example/1; validationmethods=dns-01,http-01"],
  },
  {
    name: "a server's address",
    read: parseServerAddress,
    examples: ["192.0.2.1:53", "[2001:db8::1]:53"],
  },
  {
    name: "a hosts file",
    read: (text) => addressesIn(text, "a.example"),
    examples: ["127.0.0.1 localhost a.example # comment\n::1 a.example\n"],
  },
];

const challengeParsers: readonly Parser[] = [
  {
    name: "a ClientHello",
    read: (text) => readClientHello(octets(text)),
    examples: helloRecords(),
  },
  {
    name: "a redirect",
    read: (text) =>
      redirectTarget(
        new URL("http://a.example/"),
        { status: 302, location: text },
        { first: "http://a.example/", ports: [80, 443] },
      ),
    examples: ["https://www.a.example/x?y#z", "//b.example:443/"],
    errors: [ProbeFailure],
  },
];

const answered = (text: string, status = 400) => ({ status, text, json: parseJson(text) });

const serviceParsers: readonly Parser[] = [
  {
    name: "the refusal of a web service",
    read: (text) => [refusalByStatus(answered(text)), refusalByStatus(answered(text, 200))],
    examples: ['{"errors":[{"reason":"Invalid Token"}],"error":{"code":"x","message":"y"}}'],
    openings: ['{"error":', "["],
  },
  {
    name: "Cloudflare's envelope",
    read: (text) => [refusalIn(answered(text)), pageIn(answered(text, 200), 1)],
    examples: [
      '{"success":false,"errors":[{"code":6003,"message":"Invalid","error_chain":[{"code":6111,"message":"header"}]}],"result":[{"id":"a"}],"result_info":{"total_pages":2}}',
    ],
  },
  {
    name: "the URL of a service",
    read: withoutTrailingSlashes,
    examples: ["https://a.example/v1//"],
  },
];

const textParsers: readonly Parser[] = [
  { name: "a DNS name", read: normalizeDnsName, examples: ["*.Bücher.example."] },
  { name: "an IP address", read: normalizeIpAddress, examples: ["[2001:db8::1]", "192.0.2.1"] },
  {
    name: "a duration",
    read: parseSpan,
    examples: ["1.5 days", "90d"],
  },
  { name: "an HMAC key", read: decodeHmacKey, examples: ["AAAA_-+/bbbb=="] },
  {
    name: "text to be shown",
    read: (text) => [singleLine(text), printable(text)],
    examples: ["a\u001b[31m\r\nb"],
  },
  {
    name: "a word that was mistyped",
    read: (text) => nearest(text, ["dnsNames", "keyType"]),
    examples: ["dnsName"],
  },
  {
    name: "certbot's configuration",
    read: (text) => [readConfig(text), listOf(text)],
    examples: ["a = b\n[renewalparams]\nserver = x\n[[webroot_map]]\na.example = /srv\n"],
    openings: ["[", "[a"],
  },
  {
    name: "acme.sh's configuration",
    read: readVariables,
    examples: ["Le_Domain='a.example'\nLe_Hook='__ACME_BASE64__START_YQ==__ACME_BASE64__END_'\n"],
    openings: ["a='"],
  },
  {
    name: "variables that name a proxy",
    read: (text) => proxiesOf({ https_proxy: text, no_proxy: text }).of("https://a.example")?.host,
    examples: ["http://user:pw@proxy.example:3128", ".example,192.0.2.0/24"],
    errors: [ConfigurationError],
  },
  {
    name: "a stack's export",
    read: (text) => readExport(text, "the text"),
    examples: ['{"deployment":{"resources":[{"urn":"u","type":"t","inputs":{"a":[1]}}]}}'],
    errors: [StatusError],
  },
];

export const parsers: readonly Parser[] = [
  ...acmeParsers,
  ...dnsParsers,
  ...challengeParsers,
  ...serviceParsers,
  ...hostParsers,
  ...nginxParsers,
  ...textParsers,
];
