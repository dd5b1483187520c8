/** A strict server and a client of it for the length of one test. */
import { onTestFinished } from "vitest";
import type { AccountCredentials } from "../../../sdk/acme";
import {
  problem,
  startStrictServer,
  type StrictResponse,
  type StrictServer,
  type StrictServerOptions,
} from "./strict-server";
import { connect, register, type TestClient } from "./issue";

type Settings = Parameters<typeof connect>[1];

/** Both end with the test. */
export async function startBoth(
  options: StrictServerOptions = {},
  settings: Settings = {},
): Promise<{ ca: StrictServer; client: TestClient }> {
  const ca = await startStrictServer(options);
  return { ca, client: connectTo(ca, settings) };
}

/** Another client, which ends with the test; the server after it. */
export function connectTo(ca: StrictServer, settings: Settings = {}): TestClient {
  const client = connect(ca, settings);
  onTestFinished(async () => {
    await client.close();
    await ca.stop();
  });
  return client;
}

/** With an account, and no request counted yet by the client. */
export async function startWithAccount(
  options: StrictServerOptions = {},
  settings: Settings = {},
): Promise<{ ca: StrictServer; client: TestClient; credentials: AccountCredentials }> {
  const { ca, client } = await startBoth(options, settings);
  const credentials = await register(client.client);
  client.requests.length = 0;
  return { ca, client, credentials };
}

/** `badNonce`, as a restarted CA answers. */
export function badNonce(): StrictResponse {
  return problem(400, { type: "badNonce", detail: "stale" });
}

/** The response with other headers; `undefined` takes one away. */
export function withHeaders(
  response: StrictResponse,
  headers: Readonly<Record<string, string | undefined>>,
): StrictResponse {
  const merged = Object.entries({ ...response.headers, ...headers });
  const kept = merged.flatMap(([name, value]): [string, string | string[]][] =>
    value === undefined ? [] : [[name, value]],
  );
  return { ...response, headers: Object.fromEntries(kept) };
}

/** The response with other members in its JSON body; `undefined` takes one away. */
export function withMembers(
  response: StrictResponse,
  members: Readonly<Record<string, unknown>>,
): StrictResponse {
  const body = JSON.parse(response.body) as Record<string, unknown>;
  return { ...response, body: JSON.stringify({ ...body, ...members }) };
}
