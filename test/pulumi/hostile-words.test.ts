/** What others say, on the real engine: nothing of it is obeyed by a terminal or a CI log. */
import { createServer, type AddressInfo, type Server } from "node:net";
import { once } from "node:events";

import { afterEach, beforeEach, expect, it } from "vitest";

import { createStack, type Stack } from "../support/engine/pulumi";
import { problem, startStrictServer, type StrictServer } from "../support/ca/strict-server";

/** Sets the title, clears the screen, writes a line of its own, turns the direction of what follows. */
const HOSTILE = "\u001b]0;owned\u0007\u001b[2J\u001b[1;32m\r\nUpdate complete\u202e\u200b\u009b0m";

// eslint-disable-next-line no-control-regex -- tabs and line feeds are the CLI's own
const OBEYED = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

let ssh: Server;
let ca: StrictServer;
let stack: Stack;

beforeEach(async () => {
  ca = await startStrictServer();
  ssh = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("SSH-2.0-x\r\n");
    socket.end(disconnect(HOSTILE));
  }).listen(0, "127.0.0.1");
  await once(ssh, "listening");
});

afterEach(async () => {
  await stack.stop();
  ssh.close();
  await ca.stop();
});

/** A plain SSH_MSG_DISCONNECT: RFC 4253 §6 and §11.1. */
function disconnect(words: string): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 2]), text(words), text("")]);
  const padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8);
  const head = Buffer.alloc(5);
  head.writeUInt32BE(payload.length + padding + 1);
  head.writeUInt8(padding, 4);
  return Buffer.concat([head, payload, Buffer.alloc(padding)]);
}

it("a CA's refusal and the goodbye of an unknown SSH server are shown without their control characters", async () => {
  ca.instead("newOrder", "every", () =>
    problem(403, { type: `rejected${HOSTILE}`, detail: `never: ${HOSTILE}` }),
  );
  const connection = {
    host: "127.0.0.1",
    port: (ssh.address() as AddressInfo).port,
    password: "x",
    insecureIgnoreHostKey: true,
    dialErrorLimit: 1,
  };
  const { directoryUrl, caBundlePem } = ca;
  stack = await createStack(`
    import * as acme from "pulumi-acme";
    const account = new acme.AcmeAccount("ca", ${JSON.stringify({ directoryUrl, caBundlePem, termsOfServiceAgreed: true })});
    new acme.AcmeCertificate("refused", { account, dnsNames: ["a.example"], solvers: [{ http01: { stateless: true } }], preflight: false });
    new acme.NginxSite("unreached", { connection: ${JSON.stringify(connection)}, serverNames: ["a.example"] });
  `);
  const { stdout, stderr } = await stack.up({
    skipPreview: true,
    expectFailure: true,
    args: ["--color", "never", "--continue-on-error"],
  });
  const said = stdout + stderr;
  expect(said).toContain("never: ");
  expect(said).toMatch(/127\.0\.0\.1:\d+: connect: .*owned/);
  expect(OBEYED.exec(said)?.[0]).toBeUndefined();
  expect(said).not.toMatch(/^\s*Update complete/m);
  const { text } = await stack.exportState({ showSecrets: true });
  expect(text).toContain("never: ");
  expect(text).not.toMatch(/\\u001b|\\u202e|\u202e|\u200b/);
});
