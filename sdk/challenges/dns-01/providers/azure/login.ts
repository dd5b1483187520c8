/** Access to Azure's resource manager: by a client secret, or by what `@azure/identity` finds. */
import { withoutTrailingSlashes } from "../../../../http/url";
import { ConfigurationError, messageOf } from "../../../../util/errors";
import { singleLine } from "../../../../util/text";
import { optionalPackage } from "../../optional-package";
import type { DnsProviderContext } from "../../provider";
import { Remembered } from "../../remembered";
import { accessToken } from "../../services/oauth";
import { API_URL } from "./api-url";
import type { AzureArguments } from "./arguments";

const LOGIN_URL = "https://login.microsoftonline.com";

/** Of this environment. */
const tokens = new Remembered<string>("Azure's access token");

/** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow */
export async function tokenFor(
  options: AzureArguments,
  context: DnsProviderContext,
): Promise<string> {
  const { tenantId, clientId, clientSecret, apiUrl = API_URL, loginUrl = LOGIN_URL } = options;
  const scope = `${new URL(apiUrl).origin}/.default`;
  if (clientSecret === undefined || tenantId === undefined || clientId === undefined) {
    const { signal } = context;
    const question = JSON.stringify([tenantId, clientId, loginUrl, scope]);
    return await tokens.get(question, signal, () => tokenOfEnvironment(options, scope, signal));
  }
  const request = {
    service: "Microsoft's login",
    url: `${withoutTrailingSlashes(loginUrl)}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`,
    credentials: [clientSecret],
    form: () => ({
      grant_type: "client_credentials",
      client_id: clientId,
      client_secret: clientSecret,
      scope,
    }),
    remedies: {
      invalid_client:
        "clientSecret must be the value (not the ID) of a secret that has not expired",
      invalid_request: "check tenantId",
      unauthorized_client: "clientId must be an application of the tenant tenantId",
    },
  };
  return await accessToken(request, context);
}

async function tokenOfEnvironment(
  { tenantId, clientId, loginUrl }: AzureArguments,
  scope: string,
  abortSignal: AbortSignal,
): Promise<string> {
  const { DefaultAzureCredential } = await optionalPackage(
    "@azure/identity",
    "the solver azure needs tenantId, clientId and clientSecret, or",
    () => import("@azure/identity"),
  );
  try {
    const credential = new DefaultAzureCredential({
      tenantId,
      managedIdentityClientId: clientId,
      authorityHost: loginUrl,
    });
    return (await credential.getToken(scope, { abortSignal })).token;
  } catch (error) {
    abortSignal.throwIfAborted();
    throw new ConfigurationError(
      `no credentials for Azure are found here: ${singleLine(messageOf(error), 500)}; give tenantId, clientId and clientSecret, or log in`,
      { cause: error },
    );
  }
}
