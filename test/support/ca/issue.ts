/** The shortest way from names to a certificate that the client has: what most tests of the protocol do. */
import {
  createAcmeClient,
  downloadCertificate,
  finalizeOrder,
  getAuthorization,
  newAccount,
  newOrder,
  pollAuthorization,
  pollOrder,
  respondToChallenge,
  type AccountCredentials,
  type AcmeIdentifier,
  type AcmeClient,
  type DownloadedCertificate,
  type NewOrderRequest,
  type Order,
} from "../../../sdk/acme";
import { keyAuthorization } from "../../../sdk/util/challenge";
import { createFetch } from "../../../sdk/http/fetch";
import { certificateRequest, newAccountKey } from "./certificate-request";

export interface TestCa {
  readonly directoryUrl: string;
  readonly caBundlePem: string;
}

/** A client of a test server, which counts what it sends. */
export interface TestClient {
  readonly client: AcmeClient;
  readonly requests: { method: string; url: string }[];
  close(): Promise<void>;
}

export function connect(
  ca: TestCa,
  settings: Partial<Parameters<typeof createAcmeClient>[0]> = {},
): TestClient {
  const fetch = createFetch({ caBundlePem: ca.caBundlePem });
  const requests: { method: string; url: string }[] = [];
  const client = createAcmeClient({
    directoryUrl: ca.directoryUrl,
    fetch,
    userAgent: "test",
    onRequest: (request) => requests.push(request),
    ...settings,
  });
  return { client, requests, close: () => fetch.close() };
}

/** Registers an account with a new key. */
export async function register(client: AcmeClient): Promise<AccountCredentials> {
  const key = await newAccountKey();
  const { account } = await newAccount(client, key, { termsOfServiceAgreed: true });
  return { accountUrl: account.url, key };
}

export function dnsNames(...names: string[]): AcmeIdentifier[] {
  return names.map((value) => ({ type: "dns", value }));
}

/** Orders, answers http-01 through `answers`, finalizes, downloads. */
export async function issue(
  client: AcmeClient,
  credentials: AccountCredentials,
  request: NewOrderRequest,
  answers: Map<string, string>,
  options: { signal?: AbortSignal } = {},
): Promise<{ order: Order; certificate: DownloadedCertificate; privateKeyPem: string }> {
  const order = await newOrder(client, credentials, request, options);
  if (order.status === "pending") await authorize(client, credentials, order, answers, options);
  const { csrDer, privateKeyPem } = await certificateRequest(request.identifiers);
  let current = await finalizeOrder(client, credentials, order, csrDer, options);
  if (current.status !== "valid") {
    current = await pollOrder(
      client,
      credentials,
      current,
      ({ status }) => status === "valid",
      options,
    );
  }
  const certificate = await downloadCertificate(
    client,
    credentials,
    current.certificate ?? "",
    options,
  );
  return { order: current, certificate, privateKeyPem };
}

async function authorize(
  client: AcmeClient,
  credentials: AccountCredentials,
  order: Order,
  answers: Map<string, string>,
  options: { signal?: AbortSignal },
): Promise<void> {
  const authorizations = await Promise.all(
    order.authorizations.map((url) => getAuthorization(client, credentials, url, options)),
  );
  const open = authorizations.filter(({ status }) => status === "pending");
  for (const { challenges } of open) {
    const token = challenges.find(({ type }) => type === "http-01")?.token ?? "";
    answers.set(token, keyAuthorization(token, credentials.key.thumbprint));
  }
  await Promise.all(
    open.map(async ({ challenges }) => {
      const challenge = challenges.find(({ type }) => type === "http-01");
      if (challenge !== undefined) {
        await respondToChallenge(client, credentials, challenge, options);
      }
    }),
  );
  const results = await Promise.all(
    open.map(({ url }) => pollAuthorization(client, credentials, url, options)),
  );
  const failed = results.find(({ status }) => status !== "valid");
  if (failed !== undefined) {
    throw new Error(`the authorization of ${failed.identifier.value} is ${failed.status}`);
  }
}
