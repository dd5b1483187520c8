/** http-01 by a web service of the user's. */
import { excerpt, withApi } from "../../http/json-api";
import type { Solver } from "../solver";
import type { WebhookArguments } from "../hooks/arguments";
import { authorization, endpoint, hint } from "../hooks/webhook";
import { type EachProof, presentEach } from "./each-proof";

const AT_ONCE = 8;
const CLEAN_UP_MS = 60_000;

/**
 * Posts `{ identifier, token, keyAuthorization }` as JSON to `<url>/present` and `<url>/cleanup`, once for each name.
 * Any answer but 2xx is a failure; 429 and 5xx are tried again for a while. Redirects are not followed: they would
 * carry the credentials elsewhere. When one call fails, `cleanup` is called for all names that were tried.
 */
export function webhook(options: WebhookArguments): Solver {
  const { origin } = new URL(options.url);
  const what = `the webhook ${origin}`;
  const credentials = [options.username, options.password];
  const each: EachProof = {
    what,
    id: options.url,
    atOnce: AT_ONCE,
    cleanUpMs: CLEAN_UP_MS,
    call: (action, { identifier, token, keyAuthorization }, context) =>
      withApi({ service: what, credentials, ...context }, async (api) => {
        const { status, text } = await api.call({
          method: "POST",
          url: endpoint(options.url, action),
          headers: authorization(options),
          body: { identifier: identifier.value, token, keyAuthorization },
        });
        if (status >= 200 && status < 300) return;
        throw new Error(`it answers ${String(status)}${hint(status)}${excerpt(text)}`);
      }),
  };
  return {
    challengeType: "http-01",
    label: `http-01 by ${what}`,
    present: (proofs, context) => presentEach(proofs, each, context),
  };
}
