/** The entries of `solvers`: their schema, and their normal form. */
import * as v from "valibot";

import { dnsProviderSchemas } from "../../challenges/dns-01/providers";
import { hookArguments, webhookArguments } from "../../challenges/hooks/arguments";
import type { SolverArguments } from "../../issuance/solver-arguments";
import type { Properties } from "../engine/handler";
import { isRecord } from "../engine/wire";
import { isCredential, serviceUrl } from "../../schema/credentials";
import { connectionSchema, targetSchema } from "./connection";
import {
  duration,
  exactlyOne,
  object,
  nonEmpty,
  oneOfWords,
  port,
  span,
  text,
} from "../../schema/builders";

const absolutePath = text(
  // eslint-disable-next-line no-control-regex -- control characters are what is refused
  (value) => value.startsWith("/") && !/[\u0000-\u001f\u007f]/.test(value),
  "must be an absolute path",
);

const serverAddress = text(
  (value) => /^(\[[0-9a-fA-F:]+\]|[0-9.]+):\d+$/.test(value),
  'must be "ip:port", or the URL of DNS over HTTPS',
);

/** `192.0.2.1:53`, `[2001:db8::1]:53`, `https://dns.example/dns-query` */
export const resolver = v.lazy((value) =>
  typeof value === "string" && value.includes("://") ? serviceUrl() : serverAddress,
);

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
  exec: hookArguments,
  webhook: webhookArguments,
});

const tlsAlpn01 = exactlyOne({ listener, tunnel });

/** How it is made sure that a DNS record is seen before the CA looks. */
export const propagationSchema = object({
  check: v.optional(oneOfWords(["authoritative", "resolvers", "none"])),
  resolvers: v.optional(v.array(resolver)),
  delay: v.optional(span),
  timeout: v.optional(duration),
});

const DNS_PROVIDERS = dnsProviderSchemas();

const dnsProvider = exactlyOne(DNS_PROVIDERS, {
  followCname: v.optional(v.boolean()),
  propagation: v.optional(propagationSchema),
  ttl: v.optional(
    v.pipe(
      v.number(),
      v.check((seconds) => Number.isInteger(seconds) && seconds > 0, "must be whole seconds"),
    ),
  ),
});

/** One provider, or several that serve the same name. */
const dns01 = v.lazy((input) =>
  Array.isArray(input)
    ? v.pipe(
        v.array(dnsProvider),
        v.check((providers) => providers.length > 0, "names no provider"),
      )
    : dnsProvider,
);

/** Credentials of DNS services and of web services. Those of connections and programs are taken as they are. */
const TRIMMED = new Set(
  Object.values(DNS_PROVIDERS).flatMap(({ entries }) =>
    Object.entries<v.GenericSchema>(entries).flatMap(([name, entry]) =>
      isCredential(entry) ? [name] : [],
    ),
  ),
);
const AS_THEY_ARE = new Set(["connection", "environment"]);

/** A solver, its credentials without the white space around them that copying, and reading a file, leave there. */
export function withTrimmedCredentials(solver: Properties): Properties {
  const trimmed = (value: unknown, name = ""): unknown => {
    if (AS_THEY_ARE.has(name)) return value;
    if (typeof value === "string") return TRIMMED.has(name) ? value.trim() : value;
    if (Array.isArray(value)) return value.map((item) => trimmed(item));
    return isRecord(value) ? withTrimmed(value) : value;
  };
  const withTrimmed = (properties: Properties): Properties =>
    Object.fromEntries(Object.entries(properties).map(([key, item]) => [key, trimmed(item, key)]));
  return withTrimmed(solver);
}

export const solverSchema: v.GenericSchema<SolverArguments> = exactlyOne(
  { http01, tlsAlpn01, dns01, dnsAccount01: dns01, dnsPersist01: object({}) },
  { dnsNames: v.optional(v.array(v.string())), dnsZones: v.optional(v.array(v.string())) },
);
