/** What is done with registrations: one request, at the creation. */
import { type ApiReply, excerpt, withApi } from "../../http/json-api";
import { dns01RecordName } from "../../util/challenge";
import { isRecord } from "../../util/json";
import { enumerate } from "../../util/text";
import { interruptible } from "../engine/interruption";
import type { Context } from "../engine/resource";
import { storedArguments } from "../engine/rules";
import { type RegistrationArguments, RULES } from "./arguments";
import type { RegistrationDecision } from "./decide";
import type { RegistrationState } from "./state";

/** What the server answers. @see https://github.com/joohoi/acme-dns#register-endpoint */
const FIELDS = ["username", "password", "subdomain", "fulldomain"] as const;
type Registration = Readonly<Record<(typeof FIELDS)[number], string>>;

const REMEDIES: Readonly<Record<number, string>> = {
  401: " (it asks for credentials of its own; register from where it does not)",
  403: " (register from an address that it takes registrations from)",
  404: " (its configuration may say disable_registration, or the URL is not that of its API)",
  405: " (its configuration may say disable_registration, or the URL is not that of its API)",
};

export function create(args: RegistrationArguments, context: Context): Promise<RegistrationState> {
  return interruptible(async (signal) => {
    const { url, allowFrom } = args;
    const { host } = new URL(url);
    const service = `acme-dns at ${host}`;
    context.progress(`registers a subdomain at ${host}`);
    const reply = await withApi({ service, credentials: [], ...context, signal }, (api) =>
      api.call({ method: "POST", url: `${url}/register`, body: { allowfrom: allowFrom ?? [] } }),
    );
    const { username, password, subdomain, fulldomain } = registrationIn(reply, service);
    const dropped = droppedNetworks(reply, allowFrom);
    if (dropped.length > 0) {
      context.warn(
        `${service} has not taken ${enumerate(dropped)} of allowFrom: who has the credentials may update from elsewhere, too`,
      );
    }
    return {
      credentials: { url, username, password, subdomain },
      record: { name: dns01RecordName(args.dnsName), type: "CNAME", value: fulldomain },
      __arguments: storedArguments(RULES, args),
    };
  });
}

export function update(
  state: RegistrationState,
  args: RegistrationArguments,
  { action }: RegistrationDecision,
): Promise<RegistrationState> {
  if (action === "replace") {
    throw new Error("acme: a registration cannot be changed at acme-dns; it is replaced");
  }
  return Promise.resolve({
    ...state,
    record: { ...state.record, name: dns01RecordName(args.dnsName) },
    __arguments: storedArguments(RULES, args),
  });
}

/** The server tells nothing of a registration. */
export function read(state: RegistrationState): Promise<RegistrationState> {
  return Promise.resolve(state);
}

/** acme-dns has no call that deletes. */
function remove({ credentials, record }: RegistrationState, { info }: Context): Promise<void> {
  info(
    `forgets its credentials; acme-dns cannot delete ${record.value}: whoever has the credentials can prove ${record.name} for as long as a CNAME there leads to it (${new URL(credentials.url).host})`,
  );
  return Promise.resolve();
}

function registrationIn({ status, text, json }: ApiReply, service: string): Registration {
  if (status < 200 || status > 299) {
    throw new Error(
      `${service} refuses the registration with ${String(status)}${REMEDIES[status] ?? ""}${excerpt(text)}`,
    );
  }
  const fields = isRecord(json) ? json : {};
  const missing = FIELDS.filter((field) => typeof fields[field] !== "string" || !fields[field]);
  if (missing.length > 0) {
    // Not the answer itself: a password may be in it.
    throw new Error(
      `${service} answers ${String(status)} without ${enumerate(missing)}: the URL is not that of an acme-dns server's API`,
    );
  }
  return fields as unknown as Registration;
}

/** Some versions leave out what they do not understand, and say nothing. */
function droppedNetworks({ json }: ApiReply, allowFrom: readonly string[] = []): string[] {
  const taken = isRecord(json) ? json["allowfrom"] : undefined;
  if (!Array.isArray(taken) || taken.length >= allowFrom.length) return [];
  return allowFrom.filter((network) => !taken.includes(network));
}

export { remove as delete };
