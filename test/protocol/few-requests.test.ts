/** How much an issuance asks of the CA: no request more than it needs. */
import { describe, expect, it } from "vitest";
import { newOrder, type AccountCredentials, type AcmeClient } from "../../sdk/acme";
import { ChallengeError } from "../../sdk/challenges/solver";
import { authorize } from "../../sdk/issuance/authorize";
import { obtain } from "../../sdk/issuance/obtain";
import type { IssuanceContext } from "../../sdk/issuance/request";
import { publicKeySha256 } from "../../sdk/x509/keys";
import { certificateRequest } from "../support/ca/certificate-request";
import { dnsNames } from "../support/ca/issue";
import { startWithAccount } from "../support/ca/strict";

const solvers = [{ http01: { stateless: true } }];

/** The strict server believes every answer: nothing has to be presented. */
const context: IssuanceContext = {
  now: Date.now,
  reached: () => undefined,
  signal: new AbortController().signal,
  progress: () => undefined,
  warn: () => undefined,
  preflight: () => Promise.resolve(),
  solverOf: () => ({
    challengeType: "http-01",
    label: "nothing",
    present: () => Promise.resolve({ cleanUp: () => Promise.resolve() }),
  }),
};

function names(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `host-${String(index)}.example`);
}

async function authorizeNames(
  client: AcmeClient,
  credentials: AccountCredentials,
  count: number,
): Promise<void> {
  const order = await newOrder(client, credentials, { identifiers: dnsNames(...names(count)) });
  await authorize(client, credentials, order, solvers, context);
}

describe("an issuance", () => {
  it("takes seven requests for one name, once the directory and a nonce are there", async () => {
    const { ca, client, credentials } = await startWithAccount();
    const identifiers = dnsNames("a.example");
    const { csrDer, privateKeyPem } = await certificateRequest(identifiers);
    await obtain(
      client.client,
      credentials,
      {
        identifiers,
        solvers,
        certificateRequest: csrDer,
        publicKeySha256: publicKeySha256(privateKeyPem),
      },
      undefined,
      context,
    );
    expect(client.requests.map(({ method }) => method)).toEqual(Array(7).fill("POST"));
    ca.assertNoDeviations();
  });

  it("asks the order, not every authorization, whether all names are proven", async () => {
    const { ca, client, credentials } = await startWithAccount({ pendingLooks: 1 });
    await authorizeNames(client.client, credentials, 5);
    // Each is fetched once; the one that was answered last is looked at until it is valid, here twice.
    expect(ca.count("authorization")).toBe(5 + 2);
    expect(ca.count("order")).toBe(1);
    ca.assertNoDeviations();
  });

  it("asks the authorizations where there are only two", async () => {
    const { ca, client, credentials } = await startWithAccount();
    await authorizeNames(client.client, credentials, 2);
    expect(ca.count("authorization")).toBe(2 + 2);
    expect(ca.count("order")).toBe(0);
  });

  it("asks the authorizations where others than the last take longer", async () => {
    let finish = (): void => undefined;
    const slow = new Promise<undefined>((resolve) => {
      finish = (): void => {
        resolve(undefined);
      };
    });
    const { ca, client, credentials } = await startWithAccount({
      validate: ({ identifier }) => (identifier.value === "host-0.example" ? slow : undefined),
    });
    ca.on("order", 1, (response) => {
      finish();
      return response;
    });
    await authorizeNames(client.client, credentials, 4);
    expect(ca.count("order")).toBe(1);
    expect(ca.count("authorization")).toBe(4 + 1 + 4);
  });

  it.each(["host-0.example", "host-2.example", "host-3.example"])(
    "says what the CA has against %s, be it answered first or last",
    async (refused) => {
      const { client, credentials } = await startWithAccount({
        validate: ({ identifier }) =>
          identifier.value === refused
            ? { type: "unauthorized", detail: "the body is wrong" }
            : undefined,
      });
      const outcome = authorizeNames(client.client, credentials, 4);
      await expect(outcome).rejects.toThrow(ChallengeError);
      await expect(outcome).rejects.toThrow(`${refused} (http-01): `);
      await expect(outcome).rejects.toThrow("the body is wrong");
    },
  );
});
