/** Calls of OVHcloud's API are signed, with the time in the signature: the API's own, not this machine's. */
import { createHash } from "node:crypto";

import { Refusal, type Rest } from "../../../../http/rest-service";
import { withoutTrailingSlashes } from "../../../../http/url";
import { Remembered } from "../../remembered";
import type { OvhArguments } from "./arguments";

type Keys = Pick<OvhArguments, "applicationKey" | "applicationSecret" | "consumerKey">;

/** By how many seconds the clock of the API at a URL is ahead of this machine's. */
const clocks = new Remembered<number>("clock of OVHcloud");

/**
 * Calls with a signature of their own.
 *
 * @see https://help.ovhcloud.com/csm/en-api-getting-started-ovhcloud-api?id=kb_article_view&sysparm_article=KB0042777
 */
export async function signing(
  rest: Rest,
  apiUrl: string,
  keys: Keys,
  signal: AbortSignal,
): Promise<Rest> {
  const base = withoutTrailingSlashes(apiUrl);
  const ahead = await clocks.get(base, signal, async () => {
    const { json } = await rest("GET", "/auth/time");
    return Number(json) - seconds();
  });
  return async (method, path, body) => {
    const call = () => {
      const text = body === undefined ? "" : JSON.stringify(body);
      const timestamp = String(seconds() + ahead);
      const signature = signatureOf(keys, [method, `${base}${path}`, text, timestamp]);
      return rest(method, path, body, {
        "X-Ovh-Application": keys.applicationKey,
        "X-Ovh-Consumer": keys.consumerKey,
        "X-Ovh-Timestamp": timestamp,
        "X-Ovh-Signature": signature,
      });
    };
    return await call().catch((error: unknown) => {
      // It was repeated for so long that its time is over.
      if (error instanceof Refusal && error.codes.includes("QUERY_TIME_OUT")) return call();
      throw error;
    });
  };
}

export function signatureOf(
  { applicationSecret, consumerKey }: Omit<Keys, "applicationKey">,
  request: readonly string[],
): string {
  const text = [applicationSecret, consumerKey, ...request].join("+");
  return `$1$${createHash("sha1").update(text).digest("hex")}`;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
