/** The life of an account at Pebble. */
import { generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import {
  AcmeProtocolError,
  changeAccountKey,
  deactivateAccount,
  findAccount,
  getAccount,
  getDirectory,
  loadAccountKey,
  newAccount,
  updateAccount,
  type AccountKey,
} from "../../sdk/acme";
import { startPebble, type Pebble } from "../support/pebble";
import { newAccountKey } from "./certificate-request";
import { connect, register, type TestClient } from "./issue";

let pebble: Pebble;

beforeAll(async () => {
  pebble = await startPebble({ caaIdentities: ["pebble.test"] });
});
afterAll(() => pebble.stop());

function client(): TestClient {
  const connected = connect(pebble);
  onTestFinished(() => connected.close());
  return connected;
}

const agreed = { termsOfServiceAgreed: true };

function keyOf(kind: string): Promise<AccountKey> {
  const { privateKey } =
    kind === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048 })
      : generateKeyPairSync("ec", { namedCurve: kind });
  return loadAccountKey(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
}

test("the directory tells what there is", async () => {
  const { meta, ...endpoints } = await getDirectory(client().server);
  expect(Object.keys(endpoints).sort()).toEqual([
    "keyChange",
    "newAccount",
    "newNonce",
    "newOrder",
    "renewalInfo",
    "revokeCert",
  ]);
  expect(meta.caaIdentities).toEqual(["pebble.test"]);
  expect(meta.profiles).toEqual({ default: "the default" });
  expect(meta.termsOfService).toMatch(/^data:/);
});

test.each(["P-256", "P-384", "P-521", "rsa"])(
  "an account with a key of %s is made, and found",
  async (kind) => {
    const { server } = client();
    const key = await keyOf(kind);
    const { account, created } = await newAccount(server, key, {
      ...agreed,
      contact: ["mailto:admin@example.com"],
    });
    expect(created).toBe(true);
    expect(account.contact).toEqual(["mailto:admin@example.com"]);
    const again = await newAccount(server, key, agreed);
    expect(again).toEqual({
      created: false,
      account: expect.objectContaining({ url: account.url }) as unknown,
    });
    expect((await findAccount(server, key))?.url).toBe(account.url);
  },
);

test("contacts change in place", async () => {
  const { server } = client();
  const credentials = await register(server);
  await updateAccount(server, credentials, { contact: ["mailto:b@example.com"] });
  const { contact, status } = await getAccount(server, credentials);
  expect({ contact, status }).toEqual({ contact: ["mailto:b@example.com"], status: "valid" });
});

test("the key changes, from any type to any other, and the account stays", async () => {
  const { server } = client();
  let credentials = await register(server);
  for (const kind of ["P-384", "rsa", "P-256"]) {
    const key = await keyOf(kind);
    await changeAccountKey(server, credentials, key);
    await expect(getAccount(server, credentials)).rejects.toThrow(/^acme: account /);
    credentials = { ...credentials, key };
    expect((await getAccount(server, credentials)).status).toBe("valid");
  }
});

test("a key change to another account's key is found not to have happened (K-3)", async () => {
  const { server } = client();
  const [one, other] = [await register(server), await register(server)];
  const asked = changeAccountKey(server, one, other.key);
  await expect(asked).rejects.toThrow(AcmeProtocolError);
  expect((await getAccount(server, one)).status).toBe("valid");
  expect((await getAccount(server, other)).status).toBe("valid");
});

test("a deactivated account is refused, and deactivating it again is no error (A-9)", async () => {
  const { server } = client();
  const credentials = await register(server);
  await deactivateAccount(server, credentials);
  await expect(getAccount(server, credentials)).rejects.toMatchObject({
    problem: { type: "unauthorized" },
  });
  await deactivateAccount(server, credentials);
});

test("a key without an account has none, and gets none by looking", async () => {
  const { server } = client();
  const key = await newAccountKey();
  expect(await findAccount(server, key)).toBeUndefined();
  expect(await findAccount(server, key)).toBeUndefined();
});
