/** Access tokens from OAuth2 servers, remembered for all certificates of this process. RFC 6749, RFC 7523 */
import type { ApiReply } from "../../../http/json-api";
import { type RefusalReason, refusalByStatus, withRest } from "../../../http/rest-service";
import { asObject, optionalString } from "../../../util/json";
import { sha256Of } from "../../../util/sha256";
import { singleLine } from "../../../util/text";
import type { DnsProviderContext } from "../provider";
import { Remembered } from "../remembered";

export interface TokenRequest {
  /** For messages: "Microsoft's login". */
  readonly service: string;
  readonly url: string;
  /** Never shown. */
  readonly credentials: readonly string[];
  /** What is sent, form-encoded. */
  readonly form: () => Readonly<Record<string, string>>;
  /** By the error codes of RFC 6749 §5.2. */
  readonly remedies: Readonly<Record<string, string>>;
}

const tokens = new Remembered<string>("access token");

/** For a minute; a token is good for longer. */
export function accessToken(request: TokenRequest, context: DnsProviderContext): Promise<string> {
  const { service, url, credentials, form, remedies } = request;
  const options = { service, apiUrl: url, credentials, refusalIn, remedies };
  const account = sha256Of(JSON.stringify([url, credentials]));
  return tokens.get(account, context.signal, () =>
    withRest(options, context, async (rest) => {
      const { json } = await rest("POST", "", new URLSearchParams(form()));
      const token = optionalString(asObject(json) ?? {}, "access_token");
      if (token === undefined) throw new Error(`${service} answers without an access token`);
      return token;
    }),
  );
}

function refusalIn(reply: ApiReply): RefusalReason | undefined {
  const reason = refusalByStatus(reply);
  const { error, error_description: description } = asObject(reply.json) ?? {};
  if (reason === undefined || typeof error !== "string") return reason;
  const words = typeof description === "string" ? description : error;
  return { words: `: ${singleLine(words, 300)}`, codes: [error] };
}
