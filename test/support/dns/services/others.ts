/** Services whose stand-ins are no dialects: the tokens of Cloudflare see one zone each, Route 53 speaks XML to who signs. */
import { startCloudflare } from "../cloudflare-api";
import { type Publish, unquoted } from "../publish";
import { ROUTE53_CREDENTIALS, startRoute53 } from "../route53-api";

/** A zone at a service, and what a certificate needs to know of it. */
export interface ServedZone {
  readonly zone: string;
  /** The solver, with its arguments. */
  readonly dns01: object;
  readonly calls: readonly unknown[];
  /** "name value" of each TXT record. */
  values(): readonly string[];
  stop(): Promise<void>;
}

export const OTHERS = {
  cloudflare: async (zone: string, publish: Publish): Promise<ServedZone> => {
    const apiToken = "token-of-one-zone";
    const tokens = { [apiToken]: { read: [zone], edit: [zone] } };
    const { url, calls, records, stop } = await startCloudflare([zone], tokens, 100, publish);
    return {
      zone,
      dns01: { cloudflare: { apiToken, apiUrl: url } },
      calls,
      values: () =>
        [...records.values()].flat().map(({ name, content }) => `${name} ${unquoted(content)}`),
      stop,
    };
  },

  route53: async (zone: string, publish: Publish): Promise<ServedZone> => {
    const service = await startRoute53([{ id: "Z1", name: `${zone}.` }], publish);
    service.pendingLooks = 0;
    const { url, calls, sets, stop } = service;
    return {
      zone,
      dns01: { route53: { endpoint: url, ...ROUTE53_CREDENTIALS } },
      calls,
      values: () =>
        [...sets.values()].flat().flatMap(({ name, values }) => values.map((v) => `${name} ${v}`)),
      stop,
    };
  },
};
