/** Ways of proving on the real engine that need neither files nor records: addresses, and a tunnel to a host. */
import { X509Certificate } from "node:crypto";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startPebble, type Pebble } from "../support/ca/pebble";
import { isListening } from "../support/process/ports";
import { createStack, type Stack } from "../support/engine/pulumi";
import { startSshd, type Sshd } from "../support/ssh/sshd";

let pebble: Pebble;
let sshd: Sshd;
let stack: Stack;

beforeAll(async () => {
  [pebble, sshd] = await Promise.all([startPebble(), startSshd()]);
  stack = await createStack(program());
});

afterAll(async () => {
  await stack.stop();
  await Promise.all([pebble.stop(), sshd.stop()]);
});

function program(): string {
  const { directoryUrl, caBundlePem, httpPort, tlsPort } = pebble;
  const address = "127.0.0.1";
  const tunnel = { connection: sshd.connection, address };
  const certificates = {
    "address-http": {
      ipAddresses: [address],
      solvers: [{ http01: { listener: { port: httpPort, address } } }],
    },
    "address-tls": {
      ipAddresses: [address],
      solvers: [{ tlsAlpn01: { listener: { port: tlsPort, address } } }],
    },
    "tunnel-http": {
      dnsNames: ["http.example"],
      solvers: [{ http01: { tunnel: { ...tunnel, port: httpPort } } }],
    },
    "tunnel-tls": {
      dnsNames: ["tls.example"],
      solvers: [{ tlsAlpn01: { tunnel: { ...tunnel, port: tlsPort } } }],
    },
  };
  const settings = {
    profile: "default",
    preflight: { httpPort, tlsPort, resolvers: [pebble.dns.dnsAddress] },
  };
  return `
    import * as acme from "pulumi-acme";
    const account = new acme.AcmeAccount("ca", ${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })});
    // One after the other: on a port of the CA's only one of them can answer.
    let before = account;
    for (const [name, args] of Object.entries(${JSON.stringify(certificates)})) {
      before = new acme.AcmeCertificate(name, { account, ...${JSON.stringify(settings)}, ...args }, { dependsOn: before });
      exports[name] = before.fullchainPem;
    }
  `;
}

describe("one pulumi up", () => {
  it("certifies an address by http-01 and by tls-alpn-01, and names through an SSH tunnel", async () => {
    const { changes } = await stack.up();
    expect(changes).toEqual({ create: 6 });
    const outputs = await stack.outputs();
    const namesOf = (name: string): string | undefined =>
      new X509Certificate(outputs[name] as string).subjectAltName;
    expect(namesOf("address-http")).toBe("IP Address:127.0.0.1");
    expect(namesOf("address-tls")).toBe("IP Address:127.0.0.1");
    expect(namesOf("tunnel-http")).toBe("DNS:http.example");
    expect(namesOf("tunnel-tls")).toBe("DNS:tls.example");
  });

  it("leaves nothing listening, and a second one changes nothing", async () => {
    expect(await isListening(pebble.httpPort)).toBe(false);
    expect(await isListening(pebble.tlsPort)).toBe(false);
    expect((await stack.up()).changes).toEqual({ same: 6 });
  });
});
