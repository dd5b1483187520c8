import { createPrivateKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";

import { isHeld, specificationOf } from "../../../sdk/deploy/files";
import { type CertificateMaterial, planDeployment } from "../../../sdk/deploy/plan";
import type { FileContent } from "../../../sdk/deploy/file-request";
import { createAuthority } from "../../support/ca/certificate-authority";

let material: Required<CertificateMaterial>;
let chain: string[];

beforeAll(async () => {
  const authority = await createAuthority();
  const { certificatePem, privateKeyPem } = await authority.issue(["a.example"]);
  material = { fullchainPem: certificatePem + authority.rootPem, privateKeyPem };
  chain = [certificatePem, authority.rootPem];
});

const noPkcs12 = (): Promise<Uint8Array> => Promise.reject(new Error("not asked for"));

async function contentOf(content: FileContent): Promise<Buffer> {
  const request = {
    directory: "/d",
    service: "generic" as const,
    files: [{ path: "f", content, password: "p" }],
  };
  const made = (path: string, password: string): Promise<Uint8Array> =>
    Promise.resolve(Buffer.from(`${path} ${password}`));
  const { files } = await planDeployment("r", request, material, chain, made);
  return Buffer.from(files[0]?.content ?? []);
}

describe("the content of a deployed file", () => {
  it("is the certificates in their order, in PEM with one newline at the end", async () => {
    expect(String(await contentOf("fullchain"))).toBe(material.fullchainPem);
    expect(String(await contentOf("certificate"))).toBe(chain[0]);
    expect(String(await contentOf("issuer"))).toBe(chain[1]);
    expect(String(await contentOf("bundle"))).toBe(material.fullchainPem + material.privateKeyPem);
  });

  it("is the key as PKCS#8, and in the form of old software", async () => {
    expect(String(await contentOf("privateKey"))).toBe(material.privateKeyPem);
    const traditional = String(await contentOf("privateKeyTraditional"));
    expect(traditional).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    expect(createPrivateKey(traditional).equals(createPrivateKey(material.privateKeyPem))).toBe(
      true,
    );
  });

  it("is DER where it is asked for", async () => {
    const der = await contentOf("certificateDer");
    expect(new X509Certificate(der).raw).toEqual(new X509Certificate(chain[0] ?? "").raw);
    const key = createPrivateKey({
      key: await contentOf("privateKeyDer"),
      format: "der",
      type: "pkcs8",
    });
    expect(key.equals(createPrivateKey(material.privateKeyPem))).toBe(true);
  });

  it("is made with the password of its file for PKCS#12", async () => {
    expect(String(await contentOf("pkcs12"))).toBe("/d/f p");
  });
});

describe("the plan of a deployment", () => {
  it("has the service's files, test and reload, unless they are overridden", async () => {
    const request = { directory: "/etc/ssl/x", service: "nginx" as const, reload: "own" };
    const plan = await planDeployment("r", request, material, chain, noPkcs12);
    expect(plan).toMatchObject({ directory: "/etc/ssl/x", test: "nginx -t", reload: "own" });
    expect(plan.files.map(({ path, mode }) => [path, mode])).toEqual([
      ["/etc/ssl/x/fullchain.pem", "0644"],
      ["/etc/ssl/x/privkey.pem", "0600"],
    ]);
  });

  it("has no file with a key for a certificate that came without one", async () => {
    const request = { directory: "/d", service: "nginx" as const, readableBy: ["www"] };
    const { fullchainPem } = material;
    const plan = await planDeployment("r", request, { fullchainPem }, chain, noPkcs12);
    expect(plan.files.map(({ path }) => path)).toEqual(["/d/fullchain.pem"]);
    expect(plan.readable).toEqual([{ user: "www", path: "/d/fullchain.pem" }]);
  });

  it("refuses a key that is another certificate's, and one that is none, without showing it", async () => {
    const request = { directory: "/d", service: "generic" as const };
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const other = String(privateKey.export({ type: "pkcs8", format: "pem" }));
    const withKey = (privateKeyPem: string) =>
      planDeployment("r", request, { ...material, privateKeyPem }, chain, noPkcs12);
    await expect(withKey(other)).rejects.toThrow(/does not belong to the first certificate/);
    const turned = planDeployment("r", request, material, [...chain].reverse(), noPkcs12);
    await expect(turned).rejects.toThrow(/, but to number 2: the leaf must be the first$/);
    await expect(withKey("a secret that is no key")).rejects.toThrow(
      /^(?!.*secret).*not a private/,
    );
  });
});

describe("whether a host holds a file", () => {
  const wanted = { path: "/f", content: Buffer.from("x"), mode: "0640", owner: "www" };
  const sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
  const entry = {
    resource: "r",
    sha256,
    specification: specificationOf(wanted),
    facts: "640/33/33",
  };
  const found = {
    path: "/f",
    sha256,
    mode: "0640",
    owner: "www",
    group: "www",
    facts: "640/33/33",
    entry,
  };

  it.each<[string, object | undefined, boolean]>([
    ["it does", found, true],
    ["it is missing", undefined, false],
    ["nobody wrote down who wrote it", { ...found, entry: undefined }, false],
    ["its content is another", { ...found, sha256: "other" }, false],
    ["its mode was changed since", { ...found, facts: "644/33/33" }, false],
    [
      "it was written with another mode",
      { ...found, entry: { ...entry, specification: "" } },
      false,
    ],
    ["the write was never finished", { ...found, entry: { ...entry, sha256: "older" } }, false],
  ])("%s", (_what, file, expected) => {
    expect(isHeld(wanted, file as Parameters<typeof isHeld>[1])).toBe(expected);
  });
});
