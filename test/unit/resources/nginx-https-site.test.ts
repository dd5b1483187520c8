import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import * as acme from "../../../sdk";
import { clear, mockEngine, type Registered, valueOf } from "../../support/engine/registrations";

const account = {
  directoryUrl: "https://ca.test/dir",
  accountUrl: "https://ca.test/1",
  accountKeyPem: "KEY",
  thumbprint: "THUMB",
};
const connection = "local";

let registered: Registered[];
beforeEach(async () => {
  registered = await mockEngine(({ type }) => {
    if (type.endsWith(":AcmeCertificate"))
      return { fullchainPem: "CHAIN", privateKeyPem: "PRIVATE" };
    if (!type.endsWith(":CertificateDeployment")) return {};
    return { paths: { fullchain: "/tls/fullchain.pem", privateKey: "/tls/privkey.pem" } };
  });
});

/** A component's outputs are registered at the very end: the next test's engine knows nothing of it. */
afterEach(() => pulumi.runtime.disconnect());

/** The inputs of the component's resources, by the endings of their names. */
async function make(
  changes: Partial<acme.NginxHttpsSiteArgs> = {},
): Promise<Record<string, Registered["inputs"]>> {
  const made = new acme.NginxHttpsSite("shop", {
    account,
    connection,
    serverNames: ["shop.example", "www.shop.example"],
    proxyPass: "http://127.0.0.1:3000",
    ...changes,
  });
  await valueOf(made.site.urn);
  return Object.fromEntries(
    registered
      .filter(({ name }) => name.startsWith("shop-"))
      .map(({ name, inputs }) => [name.slice("shop-".length), clear(inputs) as typeof inputs]),
  );
}

describe("an HTTPS site", () => {
  it("is a site for challenges, a certificate for its names, a deployment, and a site with TLS", async () => {
    const { challenge, certificate, deployment, site } = await make();
    expect(challenge).toMatchObject({
      serverNames: ["shop.example", "www.shop.example"],
      challenge: { thumbprint: "THUMB" },
      redirectToHttps: true,
    });
    expect(challenge).not.toHaveProperty("proxyPass");
    expect(certificate).toMatchObject({
      dnsNames: ["shop.example", "www.shop.example"],
      solvers: [{ http01: { stateless: true } }],
    });
    expect(deployment).toMatchObject({ service: "nginx", directory: "/etc/ssl/shop" });
    expect(deployment).not.toHaveProperty("verify");
    expect(site).toMatchObject({
      listen: { http: false },
      proxyPass: "http://127.0.0.1:3000",
      tls: { certificate: "/tls/fullchain.pem", certificateKey: "/tls/privkey.pem" },
    });
  });

  it("hands what concerns the content to the site with TLS, and what concerns both to both", async () => {
    const content = {
      websocket: true,
      upstreams: [{ name: "app", servers: ["127.0.0.1:3000"] }],
      locations: [{ path: "/a", return: "404" }],
      extraConfig: "# own",
    };
    const tls = { clientCertificate: { ca: "/ca.pem" }, hsts: true };
    const listen = { http3: true };
    const made = await make({ ...content, tls, listen, defaultServer: true });
    expect(made["site"]).toMatchObject({ ...content, tls, listen, defaultServer: true });
    expect(made["challenge"]).toMatchObject({ listen, defaultServer: true });
    for (const name of Object.keys(content)) expect(made["challenge"]).not.toHaveProperty(name);
    expect(made["deployment"]).not.toHaveProperty("defaultServer");
  });

  it("asks for addresses as addresses", async () => {
    const { certificate } = await make({
      serverNames: ["shop.example", "192.0.2.1", "2001:db8::1"],
    });
    expect(certificate).toMatchObject({
      dnsNames: ["shop.example"],
      ipAddresses: ["192.0.2.1", "2001:db8::1"],
    });
  });

  it("takes names and solvers of one's own", async () => {
    const solvers = [{ http01: { listener: {} } }];
    const { certificate } = await make({
      certificate: { dnsNames: ["*.shop.example"], solvers, keyType: "P384" },
    });
    expect(certificate).toMatchObject({ dnsNames: ["*.shop.example"], solvers, keyType: "P384" });
    expect(certificate).not.toHaveProperty("ipAddresses");
  });

  it("takes an order, which has the names and how they are proven", async () => {
    const order = {
      orderUrl: "https://ca.test/order/1",
      dnsNames: ["shop.example"],
      challenge: "dns-01" as const,
    };
    const { certificate } = await make({ certificate: { order } });
    expect(certificate).toMatchObject({ order });
    expect(certificate).not.toHaveProperty("solvers");
    expect(certificate).not.toHaveProperty("dnsNames");
  });

  it("keeps a default that is given as undefined", async () => {
    const { certificate, deployment } = await make({
      certificate: { dnsNames: undefined },
      deployment: { directory: undefined },
    });
    expect(certificate).toMatchObject({ dnsNames: ["shop.example", "www.shop.example"] });
    expect(deployment).toMatchObject({ directory: "/etc/ssl/shop" });
  });

  it("has its files, commands and ports where they are given", async () => {
    const { challenge, deployment, site } = await make({
      listen: { http: 8080, https: 8443 },
      configDirectory: "/etc/nginx/http.d",
      reload: "rc-service nginx reload",
      tls: { hsts: true },
    });
    expect(challenge).toMatchObject({
      listen: { http: 8080, https: 8443 },
      configFile: "/etc/nginx/http.d/shop-challenge.conf",
      reload: "rc-service nginx reload",
    });
    expect(deployment).toMatchObject({ verify: false, reload: "rc-service nginx reload" });
    expect(site).toMatchObject({
      listen: { http: false, https: 8443 },
      configFile: "/etc/nginx/http.d/shop-site.conf",
      tls: { hsts: true },
    });
  });
});
