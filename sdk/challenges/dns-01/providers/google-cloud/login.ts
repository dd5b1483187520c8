/** Access to Google Cloud: by a service account's key, or by what `google-auth-library` finds. */
import { createPrivateKey, type KeyObject, sign } from "node:crypto";

import { isHttps, isLoopbackHttp } from "../../../../util/host-name";
import { ConfigurationError, messageOf } from "../../../../util/errors";
import { asObject, optionalString, parseJson } from "../../../../util/json";
import { sha256Of } from "../../../../util/sha256";
import { singleLine } from "../../../../util/text";
import { optionalPackage } from "../../optional-package";
import type { DnsProviderContext } from "../../provider";
import { Remembered } from "../../remembered";
import { accessToken } from "../../services/oauth";
import type { GoogleCloudArguments } from "./arguments";

const SCOPE = "https://www.googleapis.com/auth/ndev.clouddns.readwrite";
const TOKEN_URL = "https://oauth2.googleapis.com/token";
const GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const SECONDS = 3600;

export interface Login {
  readonly token: string;
  readonly project: string;
}

export async function logIn(
  { credentials, project }: GoogleCloudArguments,
  context: DnsProviderContext,
): Promise<Login> {
  const key = credentials === undefined ? undefined : asObject(parseJson(credentials));
  const found =
    key?.["type"] === "service_account"
      ? await byKey(key, context)
      : await logins.get(sha256Of(credentials ?? ""), context.signal, () =>
          byLibrary(key, context.signal),
        );
  const used = project ?? found.project;
  if (used !== undefined) return { token: found.token, project: used };
  throw new ConfigurationError("the credentials of Google Cloud name no project: give project");
}

interface Found {
  readonly token: string;
  readonly project: string | undefined;
}

/** Those that the library has found. */
const logins = new Remembered<Found>("Google Cloud's access token");

/** @see https://developers.google.com/identity/protocols/oauth2/service-account#httprest */
async function byKey(
  key: Readonly<Record<string, unknown>>,
  context: DnsProviderContext,
): Promise<Found> {
  const text = (name: string): string => optionalString(key, name) ?? "";
  const url = text("token_uri") === "" ? TOKEN_URL : text("token_uri");
  if (!isHttps(url) && !isLoopbackHttp(url)) {
    throw new ConfigurationError("googleCloud: token_uri of credentials must be an https URL");
  }
  const privateKey = privateKeyIn(text("private_key"));
  const request = {
    service: "Google's login",
    url,
    credentials: [text("private_key"), text("private_key_id")],
    form: () => ({ grant_type: GRANT, assertion: assertionBy(privateKey, text, url) }),
    remedies: {
      invalid_grant:
        "the key of credentials must be active, its service account enabled, and this machine's clock right",
    },
  };
  return { token: await accessToken(request, context), project: optionalString(key, "project_id") };
}

function privateKeyIn(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigurationError("googleCloud: private_key of credentials cannot be read");
  }
}

/** RFC 7523 §3 */
function assertionBy(key: KeyObject, text: (name: string) => string, audience: string): string {
  const now = Math.floor(Date.now() / 1000);
  const header = { alg: "RS256", typ: "JWT", kid: text("private_key_id") };
  const claims = {
    iss: text("client_email"),
    scope: SCOPE,
    aud: audience,
    iat: now,
    exp: now + SECONDS,
  };
  const parts = [header, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signature = sign("sha256", Buffer.from(parts.join(".")), key).toString("base64url");
  return [...parts, signature].join(".");
}

/** Workload identities, application default credentials, the metadata server. */
async function byLibrary(
  credentials: Record<string, unknown> | undefined,
  signal: AbortSignal,
): Promise<Found> {
  const { GoogleAuth } = await optionalPackage(
    "google-auth-library",
    "the solver googleCloud needs the key of a service account as credentials, or",
    () => import("google-auth-library"),
  );
  try {
    const auth = new GoogleAuth({ credentials, scopes: [SCOPE] });
    const token = await auth.getAccessToken();
    if (typeof token !== "string") throw new Error("no access token");
    const project = await auth.getProjectId().catch(() => undefined);
    return { token, project };
  } catch (error) {
    signal.throwIfAborted();
    throw new ConfigurationError(
      `no credentials for Google Cloud are found here: ${singleLine(messageOf(error), 500)}; give credentials, or log in`,
      { cause: error },
    );
  }
}
