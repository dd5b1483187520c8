/** One client per CA and process: what is shared is shared, what is apart stays apart. */
import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "vitest";

import { internals } from "../../../sdk/acme/client";
import { credentialsFor, clientFor, userAgent } from "../../../sdk/issuance/clients";
import { ConfigurationError } from "../../../sdk/util/errors";
import { generatePrivateKey } from "../../../sdk/x509/keys";
import { createIssuer } from "../../support/x509/chain-fixture";

const directoryUrl = "https://ca.example/directory";
let roots: string;
let otherRoots: string;

beforeAll(async () => {
  roots = (await createIssuer("Root 1")).pem;
  otherRoots = (await createIssuer("Root 2")).pem;
});

/** The nonces, and with them the connections and the directory. */
function sharedBy(ca: Parameters<typeof clientFor>[0]): unknown {
  return clientFor(ca)[internals].nonces;
}

describe("the client of a CA", () => {
  it("is one for all who name the same directory and the same roots", () => {
    expect(sharedBy({ directoryUrl })).toBe(sharedBy({ directoryUrl, caBundlePem: undefined }));
    expect(sharedBy({ directoryUrl, caBundlePem: roots })).toBe(
      sharedBy({ directoryUrl, caBundlePem: roots }),
    );
  });

  it("is another for another directory, and for other roots", () => {
    const servers = [
      sharedBy({ directoryUrl }),
      sharedBy({ directoryUrl: "https://ca.example/other" }),
      sharedBy({ directoryUrl, caBundlePem: roots }),
      sharedBy({ directoryUrl, caBundlePem: otherRoots }),
    ];
    expect(new Set(servers).size).toBe(4);
  });

  it("is refused for what cannot be one, each time", () => {
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(() => clientFor({ directoryUrl: "http://ca.example/" })).toThrow(ConfigurationError);
      expect(() => clientFor({ directoryUrl, caBundlePem: "no PEM" })).toThrow(ConfigurationError);
    }
  });

  it("names the package and its version to the CA", () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(userAgent).toBe(`pulumi-acme/${version} node/${process.versions.node}`);
    expect(clientFor({ directoryUrl }).userAgent).toBe(userAgent);
  });
});

describe("an account's credentials", () => {
  it("are read once, and again for another key or account", async () => {
    const accountUrl = "https://ca.example/acct/1";
    const accountKeyPem = await generatePrivateKey("P256");
    const first = await credentialsFor({ accountUrl, accountKeyPem });
    expect(first.accountUrl).toBe(accountUrl);
    expect(await credentialsFor({ accountUrl, accountKeyPem })).toBe(first);
    const rolledOver = { accountUrl, accountKeyPem: await generatePrivateKey("P256") };
    expect((await credentialsFor(rolledOver)).key.thumbprint).not.toBe(first.key.thumbprint);
  });

  it("of a key that cannot be read are an error that does not show it", async () => {
    const account = { accountUrl: "https://ca.example/acct/1", accountKeyPem: "hunter2" };
    await expect(credentialsFor(account)).rejects.toThrow(ConfigurationError);
    await expect(credentialsFor(account)).rejects.not.toThrow(/hunter2/);
  });
});
