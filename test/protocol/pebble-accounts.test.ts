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
import { startPebble, type Pebble } from "../support/ca/pebble";
import { newAccountKey } from "../support/ca/certificate-request";
import { connect, register, type TestClient } from "../support/ca/issue";

let pebble: Pebble;

beforeAll(async () => {
  pebble = await startPebble({ caaIdentities: ["pebble.test"] });
});
afterAll(() => pebble.stop());

function newClient(): TestClient {
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
  const { meta, ...endpoints } = await getDirectory(newClient().client);
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
    const { client } = newClient();
    const key = await keyOf(kind);
    const { account, created } = await newAccount(client, key, {
      ...agreed,
      contact: ["mailto:admin@example.com"],
    });
    expect(created).toBe(true);
    expect(account.contact).toEqual(["mailto:admin@example.com"]);
    const again = await newAccount(client, key, agreed);
    expect(again).toEqual({
      created: false,
      account: expect.objectContaining({ url: account.url }) as unknown,
    });
    expect((await findAccount(client, key))?.url).toBe(account.url);
  },
);

test("contacts change in place", async () => {
  const { client } = newClient();
  const credentials = await register(client);
  await updateAccount(client, credentials, { contact: ["mailto:b@example.com"] });
  const { contact, status } = await getAccount(client, credentials);
  expect({ contact, status }).toEqual({ contact: ["mailto:b@example.com"], status: "valid" });
});

test("the key changes, from any type to any other, and the account stays", async () => {
  const { client } = newClient();
  let credentials = await register(client);
  for (const kind of ["P-384", "rsa", "P-256"]) {
    const key = await keyOf(kind);
    await changeAccountKey(client, credentials, key);
    await expect(getAccount(client, credentials)).rejects.toThrow(/^acme: account /);
    credentials = { ...credentials, key };
    expect((await getAccount(client, credentials)).status).toBe("valid");
  }
});

test("a key change to another account's key is found not to have happened", async () => {
  const { client } = newClient();
  const [one, other] = [await register(client), await register(client)];
  const asked = changeAccountKey(client, one, other.key);
  await expect(asked).rejects.toThrow(AcmeProtocolError);
  expect((await getAccount(client, one)).status).toBe("valid");
  expect((await getAccount(client, other)).status).toBe("valid");
});

test("a deactivated account is refused, and deactivating it again is no error", async () => {
  const { client } = newClient();
  const credentials = await register(client);
  await deactivateAccount(client, credentials);
  await expect(getAccount(client, credentials)).rejects.toMatchObject({
    problem: { type: "unauthorized" },
  });
  await deactivateAccount(client, credentials);
});

test("a key without an account has none, and gets none by looking", async () => {
  const { client } = newClient();
  const key = await newAccountKey();
  expect(await findAccount(client, key)).toBeUndefined();
  expect(await findAccount(client, key)).toBeUndefined();
});
