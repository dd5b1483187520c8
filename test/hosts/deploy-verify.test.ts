/** The handshake that ends a deployment, against real TLS servers: which certificate, from where, until when. */
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server } from "node:net";
import { join } from "node:path";
import { createServer as createTlsServer, TLSSocket } from "node:tls";
import { afterEach, beforeAll, describe, expect, it } from "vitest";

import { type Endpoint, isFor, look, untilServed } from "../../sdk/deploy";
import { type Host, HostError } from "../../sdk/hosts";
import { localHost } from "../../sdk/hosts/local/host";
import { createAuthority, type ServerCertificate } from "../support/ca/certificate-authority";
import { temporaryDirectory } from "../support/process/temp";
import { fingerprintOf } from "../support/nginx/deploy-site";

let ecdsa: ServerCertificate;
let other: ServerCertificate;
let rsa: ServerCertificate;
const open: Server[] = [];

beforeAll(async () => {
  const authority = await createAuthority();
  ecdsa = await authority.issue(["site.example"]);
  other = await authority.issue(["other.example"]);
  rsa = await selfSignedRsa("site.example");
});
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function selfSignedRsa(name: string): Promise<ServerCertificate> {
  await using folder = await temporaryDirectory("rsa-");
  const [key, certificate] = [join(folder.path, "key"), join(folder.path, "certificate")];
  execFileSync(
    "openssl",
    [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`],
      ...["-addext", `subjectAltName=DNS:${name}`, "-keyout", key, "-out", certificate],
    ],
    { stdio: "pipe" },
  );
  return {
    privateKeyPem: await readFile(key, "utf8"),
    certificatePem: await readFile(certificate, "utf8"),
  };
}

async function listen(server: Server): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** A TLS server that has all of `certificates`, and chooses by what the client can verify. */
function serve(...certificates: ServerCertificate[]): Promise<number> {
  const server = createTlsServer({
    cert: certificates.map(({ certificatePem }) => certificatePem),
    key: certificates.map(({ privateKeyPem }) => privateKeyPem),
  });
  server.on("tlsClientError", () => undefined);
  server.on("secureConnection", (socket) => socket.on("error", () => undefined));
  return listen(server);
}

function endpoint(port: number, more: Partial<Endpoint> = {}): Endpoint {
  const address = "127.0.0.1";
  return { address, inside: address, port, from: ["here"], serverName: "site.example", ...more };
}

function fingerprint({ certificatePem }: ServerCertificate): string {
  return fingerprintOf(new X509Certificate(certificatePem));
}

async function seen(at: Endpoint, host: Host = localHost): Promise<string | undefined> {
  return (await look(host, at)).fingerprint;
}

describe("which certificate is served", () => {
  it("is told by its fingerprint, whoever issued it", async () => {
    expect(await seen(endpoint(await serve(ecdsa)))).toBe(fingerprint(ecdsa));
    expect(await seen(endpoint(await serve(rsa)))).toBe(fingerprint(rsa));
  });

  it("is asked for by the kind of the deployed key, where a server has one of each", async () => {
    const port = await serve(ecdsa, rsa);
    expect(await seen(endpoint(port, { keyType: "rsa" }))).toBe(fingerprint(rsa));
    expect(await seen(endpoint(port, { keyType: "ec" }))).toBe(fingerprint(ecdsa));
  });

  it("is the other kind's, where there is no such one: that is an answer, too", async () => {
    const port = await serve(ecdsa);
    expect(await seen(endpoint(port, { keyType: "rsa" }))).toBe(fingerprint(ecdsa));
  });

  it("is none, with the reason, where nothing listens or nothing speaks TLS", async () => {
    expect(await look(localHost, endpoint(1))).toMatchObject({
      problem: expect.stringContaining("ECONNREFUSED") as string,
    });
    const mute = await listen(createServer((socket) => socket.end("this is no TLS\r\n")));
    expect(await seen(endpoint(mute))).toBeUndefined();
  });

  it("is found after STARTTLS", async () => {
    const mail = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.write("220 mail.example\r\n");
      const hear = (chunk: Buffer): void => {
        if (String(chunk).startsWith("EHLO")) socket.write("250-mail.example\r\n250 STARTTLS\r\n");
        if (!String(chunk).startsWith("STARTTLS")) return;
        socket.off("data", hear);
        socket.write("220 go ahead\r\n");
        const { certificatePem: cert, privateKeyPem: key } = ecdsa;
        new TLSSocket(socket, { isServer: true, cert, key }).on("error", () => undefined);
      };
      socket.on("data", hear);
    });
    const port = await listen(mail);
    expect(await seen(endpoint(port, { startTls: "smtp" }))).toBe(fingerprint(ecdsa));
  });

  it("is for a name, or an address, or not", async () => {
    const certificate = new X509Certificate(ecdsa.certificatePem);
    expect(isFor(certificate, "site.example")).toBe(true);
    expect(isFor(certificate, "www.site.example")).toBe(false);
    expect(isFor(certificate, "127.0.0.1")).toBe(false);
    await Promise.resolve();
  });
});

describe("where a handshake is made from", () => {
  it("is here, and the host's connection where there is no way from here", async () => {
    const port = await serve(ecdsa);
    const asked: string[] = [];
    const host: Host = {
      ...localHost,
      connect: (address, at, signal) => {
        asked.push(`${address}:${String(at)}`);
        return localHost.connect("127.0.0.1", port, signal);
      },
    };
    const both = endpoint(port, { from: ["here", "host"] });
    expect(await seen(both, host)).toBe(fingerprint(ecdsa));
    expect(asked).toEqual([]);
    // Nothing listens on port 1 here.
    const hidden = { ...both, port: 1, inside: "10.0.0.1" };
    expect(await seen(hidden, host)).toBe(fingerprint(ecdsa));
    expect(asked).toEqual(["10.0.0.1:1"]);
  });

  it("says of both ways why they are none", async () => {
    const host: Host = {
      ...localHost,
      connect: () => {
        const why = { host: "web-1", step: "connect to 10.0.0.1 port 1", detail: "prohibited" };
        return Promise.reject(new HostError("unreachable", why));
      },
    };
    expect(await look(host, endpoint(1, { from: ["here", "host"] }))).toMatchObject({
      problem: expect.stringMatching(/ECONNREFUSED.*; web-1: .*prohibited/) as string,
    });
  });
});

describe("waiting for a certificate", () => {
  it("goes on until it is served: a reload answers before the service is done", async () => {
    const server = createTlsServer({ cert: other.certificatePem, key: other.privateKeyPem });
    server.on("tlsClientError", () => undefined);
    const port = await listen(server);
    setTimeout(() => {
      server.setSecureContext({ cert: ecdsa.certificatePem, key: ecdsa.privateKeyPem });
    }, 400);
    const started = Date.now();
    await untilServed(localHost, endpoint(port), fingerprint(ecdsa), { timeoutMs: 10_000 });
    expect(Date.now() - started).toBeGreaterThanOrEqual(380);
  });

  it("ends with what is served instead, and for which name it asked", async () => {
    const port = await serve(other);
    const waiting = untilServed(localHost, endpoint(port), fingerprint(ecdsa), { timeoutMs: 300 });
    await expect(waiting).rejects.toThrow(
      `after 0.3 s 127.0.0.1:${String(port)} serves another certificate (SHA-256 ${fingerprint(other).slice(0, 16)}…) for site.example, not the one that was deployed`,
    );
    await expect(
      untilServed(localHost, endpoint(1), fingerprint(ecdsa), { timeoutMs: 100 }),
    ).rejects.toThrow(/127\.0\.0\.1:1 serves no certificate \(connect ECONNREFUSED/);
  });

  it("ends at once when it is given up", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const waiting = untilServed(localHost, endpoint(1), "x", { timeoutMs: 60_000, signal });
    setTimeout(() => {
      controller.abort(new Error("interrupted"));
    }, 50);
    await expect(waiting).rejects.toThrow("interrupted");
  });
});
