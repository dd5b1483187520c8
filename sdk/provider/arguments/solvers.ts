/** The entries of `solvers`, as a schema. */
import * as v from "valibot";

import { connectionSchema, targetSchema } from "./connection";
import {
  duration,
  exactlyOne,
  nonEmpty,
  object,
  oneOfWords,
  port,
  secret,
  span,
  text,
  webUrl,
} from "../../schema/builders";

const absolutePath = text(
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  (value) => value.startsWith("/") && !/[\u0000-\u001f\u007f]/.test(value),
  "must be an absolute path",
);

/** `192.0.2.1:53`, `[2001:db8::1]:53` */
export const resolver = text(
  (value) => /^(\[[0-9a-fA-F:]+\]|[0-9.]+):\d+$/.test(value),
  'must be "ip:port"',
);

const command = v.pipe(
  v.array(nonEmpty),
  v.check((words) => words.length > 0, "must hold a program, and its first arguments"),
);
const environment = v.optional(secret(v.record(v.string(), v.string())));
const credentials = { username: v.optional(v.string()), password: v.optional(secret(v.string())) };
const mode = v.optional(oneOfWords(["default", "raw"]));

const answered = { port: v.optional(port), address: v.optional(nonEmpty) };
const listener = object(answered);
const tunnel = object({ connection: connectionSchema, ...answered });

const http01 = exactlyOne({
  stateless: v.literal(true, "must be true, or left out"),
  webroot: object({
    path: absolutePath,
    connection: v.optional(
      v.lazy((input) => (Array.isArray(input) ? v.array(targetSchema) : targetSchema)),
    ),
  }),
  listener,
  tunnel,
  exec: object({ command, environment, timeout: v.optional(duration) }),
  webhook: object({ url: webUrl, ...credentials }),
});

const tlsAlpn01 = exactlyOne({ listener, tunnel });

/** How it is made sure that a DNS record is seen before the CA looks. */
export const propagationSchema = object({
  check: v.optional(oneOfWords(["authoritative", "resolvers", "none"])),
  resolvers: v.optional(v.array(resolver)),
  delay: v.optional(span),
  timeout: v.optional(duration),
});

const TSIG_ALGORITHMS = [
  "hmac-sha1",
  "hmac-sha224",
  "hmac-sha256",
  "hmac-sha384",
  "hmac-sha512",
] as const;

const dnsProvider = exactlyOne(
  {
    cloudflare: object({
      apiToken: secret(nonEmpty),
      zoneId: v.optional(nonEmpty),
      apiUrl: v.optional(webUrl),
    }),
    route53: object({
      hostedZoneId: v.optional(nonEmpty),
      region: v.optional(nonEmpty),
      accessKeyId: v.optional(nonEmpty),
      secretAccessKey: v.optional(secret(nonEmpty)),
      sessionToken: v.optional(secret(nonEmpty)),
      profile: v.optional(nonEmpty),
      endpoint: v.optional(webUrl),
    }),
    rfc2136: object({
      server: nonEmpty,
      keyName: nonEmpty,
      keySecret: secret(nonEmpty),
      keyAlgorithm: v.optional(oneOfWords(TSIG_ALGORITHMS)),
      zone: v.optional(nonEmpty),
    }),
    acmeDns: object({
      url: webUrl,
      username: nonEmpty,
      password: secret(nonEmpty),
      subdomain: nonEmpty,
    }),
    webhook: object({ url: webUrl, ...credentials, mode }),
    exec: object({ command, environment, timeout: v.optional(duration), mode }),
  },
  {
    followCname: v.optional(v.boolean()),
    propagation: v.optional(propagationSchema),
    ttl: v.optional(
      v.pipe(
        v.number(),
        v.check((seconds) => Number.isInteger(seconds) && seconds > 0, "must be whole seconds"),
      ),
    ),
  },
);

/** One provider, or several that serve the same name. */
const dns01 = v.lazy((input) =>
  Array.isArray(input)
    ? v.pipe(
        v.array(dnsProvider),
        v.check((providers) => providers.length > 0, "names no provider"),
      )
    : dnsProvider,
);

export const solverSchema = exactlyOne(
  { http01, tlsAlpn01, dns01, dnsAccount01: dns01, dnsPersist01: object({}) },
  { dnsNames: v.optional(v.array(v.string())), dnsZones: v.optional(v.array(v.string())) },
);
