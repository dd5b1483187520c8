/** The arguments of an `NginxSite`: their schema, and what a change of each means. Pure. */
import * as v from "valibot";

import type { Target } from "../../hosts/host";
import type { NginxChallenge, NginxSiteConfig } from "../../nginx/config";
import { exactlyOne, nonEmpty, object, oneOfWords } from "../../schema/builders";
import { targetSchema } from "../arguments/connection";
import type { Rules } from "../engine/rules";

/** As `check` leaves them. */
export interface NginxSiteArguments extends NginxSiteConfig {
  readonly connection: Target;
  readonly configFile: string;
  readonly test?: string;
  readonly reload?: string;
  readonly triggers?: readonly unknown[];
  readonly forgetUnreachable?: boolean;
}

const text = v.optional(v.string());
const flag = v.optional(v.boolean());
const paths = v.union([v.string(), v.array(v.string())], "must be a path or a list of paths");

// The inferred type does not say that the others are absent.
const challenge = exactlyOne({
  thumbprint: v.string(),
  webroot: v.string(),
  proxyPass: v.string(),
}) as v.GenericSchema as v.GenericSchema<NginxChallenge>;

const tls = object({
  certificate: paths,
  certificateKey: paths,
  protocols: v.optional(v.array(v.string())),
  ciphers: text,
  hsts: v.optional(
    // Not a union, which would not tell what is wrong inside of the object.
    v.lazy((input) =>
      typeof input === "boolean"
        ? v.boolean()
        : object({ maxAge: v.string(), includeSubDomains: flag, preload: flag }),
    ),
  ),
  sessionCache: text,
  clientCertificate: v.optional(
    object({
      ca: v.string(),
      verify: v.optional(oneOfWords(["on", "optional"])),
      depth: v.optional(v.number()),
    }),
  ),
  ocspStapling: flag,
  trustedCertificate: text,
});

const upstream = object({
  name: v.string(),
  servers: v.array(
    v.lazy((input) =>
      typeof input === "string"
        ? v.string()
        : object({
            address: v.string(),
            weight: v.optional(v.number()),
            maxFails: v.optional(v.number()),
            failTimeout: text,
            backup: flag,
            down: flag,
          }),
    ),
  ),
  loadBalancing: v.optional(oneOfWords(["least_conn", "ip_hash", "random"])),
  keepalive: v.optional(v.number()),
});

const stream = object({ port: v.number(), proxyPass: v.string(), proxyProtocol: flag });

export const nginxSiteSchema: v.GenericSchema<
  Omit<NginxSiteArguments, "configFile"> & { readonly configFile?: string }
> = object({
  connection: targetSchema,
  serverNames: v.array(v.string()),
  challenge: v.optional(challenge),
  tls: v.optional(tls),
  redirectToHttps: flag,
  rejectHandshake: flag,
  defaultServer: flag,
  listen: v.optional(
    object({
      http: v.optional(v.union([v.number(), v.literal(false)], "must be a port, or false")),
      https: v.optional(v.number()),
      address: text,
      ipv6: flag,
      http2: flag,
      http3: flag,
    }),
  ),
  root: text,
  proxyPass: text,
  websocket: flag,
  locations: v.optional(
    v.array(
      object({
        path: v.string(),
        root: text,
        proxyPass: text,
        websocket: flag,
        return: text,
        extraConfig: text,
      }),
    ),
  ),
  upstreams: v.optional(v.array(upstream)),
  stream: v.optional(stream),
  extraConfig: text,
  configFile: text,
  test: v.optional(nonEmpty),
  reload: v.optional(nonEmpty),
  triggers: v.optional(v.array(v.unknown())),
  forgetUnreachable: flag,
});

/** What a change of an argument means: `write` is another text. */
export const RULES: Rules<NginxSiteArguments, "write"> = {
  challenge: { change: "write" },
  configFile: { change: "replace" },
  // Another host replaces; credentials are taken over; a look tells whether another machine has the host's place.
  connection: { change: "settings" },
  defaultServer: { change: "write", default: false },
  extraConfig: { change: "write" },
  forgetUnreachable: { change: "settings", default: false },
  listen: { change: "write" },
  locations: { change: "write" },
  proxyPass: { change: "write" },
  redirectToHttps: { change: "write" },
  rejectHandshake: { change: "write", default: false },
  reload: { change: "settings" },
  root: { change: "write" },
  serverNames: { change: "write" },
  stream: { change: "write" },
  test: { change: "settings" },
  tls: { change: "write" },
  triggers: { change: "write" },
  upstreams: { change: "write" },
  websocket: { change: "write", default: false },
};
