/** One resource to HTTPS, on the real engine, against a real nginx. */
import { readdir } from "node:fs/promises";

import { afterAll, beforeAll, expect, it } from "vitest";

import { createStack, type Stack } from "../support/engine/pulumi";
import { startWebHost, type WebHost } from "../support/ssh/web-host";

const NAMES = ["shop.example", "www.shop.example"];
/** Stack, account, component, and its four resources. */
const ALL = 7;

let host: WebHost;
let stack: Stack;

function program(site: Readonly<Record<string, unknown>> = {}, triggers: string[] = []): string {
  const { pebble, nginx, sshd } = host;
  const args = {
    connection: sshd.connection,
    serverNames: NAMES,
    root: `${nginx.prefix}/html`,
    listen: { http: nginx.httpPort, https: nginx.httpsPort, address: "127.0.0.1", ipv6: false },
    configDirectory: nginx.configDirectory,
    test: nginx.test,
    reload: nginx.reload,
    certificate: {
      preflight: { httpPort: pebble.httpPort, resolvers: [pebble.dns.dnsAddress] },
      triggers,
    },
    deployment: { directory: `${host.certificateDirectory}/shop` },
    ...site,
  };
  const account = {
    directoryUrl: pebble.directoryUrl,
    caBundlePem: pebble.caBundlePem,
    termsOfServiceAgreed: true,
  };
  return `
    import * as acme from "pulumi-acme";
    const account = new acme.AcmeAccount("ca", ${JSON.stringify(account)});
    const { certificate, deployment } = new acme.NginxHttpsSite("shop", { account, ...${JSON.stringify(args)} });
    export const fingerprint = certificate.fingerprintSha256;
    export const paths = deployment.paths;
  `;
}

beforeAll(async () => {
  host = await startWebHost();
  stack = await createStack(program());
}, 120_000);

afterAll(async () => {
  await stack.stop();
  await host.stop();
});

async function expectServed(): Promise<string> {
  const { fingerprint } = await stack.outputs();
  for (const name of NAMES) {
    await expect.poll(() => host.servedFingerprint(name)).toBe(fingerprint);
  }
  return String(fingerprint);
}

it("goes from nothing to HTTPS in one up, and the next one changes nothing", async () => {
  expect((await stack.up()).changes).toEqual({ create: ALL });
  await expectServed();
  expect((await stack.up({ skipPreview: true })).changes).toEqual({ same: ALL });
});

it("serves the new certificate after a renewal, which changes neither site", async () => {
  const before = await expectServed();
  await stack.setProgram(program({}, ["renew"]));
  const { steps } = await stack.up({ skipPreview: true });
  expect(steps.filter(({ op }) => op !== "same").map(({ name }) => name)).toEqual([
    "shop-certificate",
    "shop-deployment",
  ]);
  expect(await expectServed()).not.toBe(before);
});

it("keeps what is served where nginx refuses a change, and says nginx's words", async () => {
  const before = await expectServed();
  await stack.setProgram(program({ extraConfig: "no_such_directive on;" }, ["renew"]));
  const { stdout } = await stack.up({ skipPreview: true, expectFailure: true });
  expect(stdout).toContain('unknown directive "no_such_directive"');
  expect(await expectServed()).toBe(before);
});

it("leaves nothing behind", async () => {
  await stack.destroy();
  expect(await readdir(host.nginx.configDirectory)).toEqual([]);
  expect(await readdir(`${host.certificateDirectory}/shop`).catch(() => [])).toEqual([]);
});
