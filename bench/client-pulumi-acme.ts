/** Our client in the issuing bench: what `AcmeCertificate` runs, without Pulumi around it. */
import type * as acmeModule from "../sdk/acme";
import type * as fetchModule from "../sdk/http/fetch";
import type { Solver } from "../sdk/challenges/solver";
import type { AccountReference } from "../sdk/issuance/arguments";
import type * as keyMaterialModule from "../sdk/issuance/key-material";
import type * as obtainModule from "../sdk/issuance/obtain";
import type { IssuanceContext } from "../sdk/issuance/request";
import type * as abortModule from "../sdk/util/abort";
import type * as keysModule from "../sdk/x509/keys";
import { built } from "./package";
import { publish, runClient, withdraw, type Assignment } from "./client";

const acme = built("acme/index.js") as typeof acmeModule;
const { createFetch } = built("http/fetch.js") as typeof fetchModule;
const { keyMaterial } = built("issuance/key-material.js") as typeof keyMaterialModule;
const { obtain } = built("issuance/obtain.js") as typeof obtainModule;
const { withDeadline } = built("util/abort.js") as typeof abortModule;
const { generatePrivateKey } = built("x509/keys.js") as typeof keysModule;

runClient((assignment, onRequest) => {
  const { directoryUrl, caBundlePem, profile, webroot } = assignment;
  const fetch = createFetch({ caBundlePem });
  const client = acme.createAcmeClient({ directoryUrl, userAgent: "bench", fetch, onRequest });
  const solver = solverOf(webroot);
  let login: Promise<Account> | undefined;
  return Promise.resolve(async (dnsNames) => {
    login ??= logIn(client, assignment.account);
    const { reference, credentials } = await login;
    const material = await keyMaterial({ account: reference, dnsNames }, {});
    const request = { ...material, solvers: [{ http01: { stateless: true } }], profile };
    const { chain } = await withDeadline("issuing", 600_000, undefined, (signal) =>
      obtain(client, credentials, request, undefined, contextOf(signal, solver)),
    );
    return chain.fullchainPem;
  });
});

function contextOf(signal: AbortSignal, solver: Solver): IssuanceContext {
  return {
    signal,
    now: Date.now,
    progress: () => undefined,
    warn: (message: string) => {
      throw new Error(message);
    },
    reached: () => undefined,
    solverOf: () => solver,
    preflight: () => Promise.resolve(),
  };
}

interface Account {
  readonly reference: AccountReference;
  readonly credentials: acmeModule.AccountCredentials;
}

/** The given account, or a new one. */
async function logIn(
  client: acmeModule.AcmeClient,
  given: Assignment["account"],
): Promise<Account> {
  const accountKeyPem = given?.accountKeyPem ?? (await generatePrivateKey("P256"));
  const key = await acme.loadAccountKey(accountKeyPem);
  const accountUrl =
    given?.accountUrl ??
    (await acme.newAccount(client, key, { termsOfServiceAgreed: true })).account.url;
  return {
    reference: { directoryUrl: client.directoryUrl, accountUrl, accountKeyPem },
    credentials: { accountUrl, key },
  };
}

/** Costs what the other client's costs. */
function solverOf(webroot: string): Solver {
  return {
    challengeType: "http-01",
    label: "http-01 by a folder",
    present: async (proofs) => {
      await Promise.all(
        proofs.map(({ token, keyAuthorization }) => publish(webroot, token, keyAuthorization)),
      );
      const cleanUp = async (): Promise<void> => {
        await Promise.all(proofs.map(({ token }) => withdraw(webroot, token)));
      };
      return { cleanUp };
    },
  };
}
