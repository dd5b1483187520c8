/** What SSH hosts and their programs say, and the keys that they are reached with. */
import { foundFile, storedFile, wordsOf } from "../../sdk/deploy/records";
import { lastWords } from "../../sdk/hosts/command/last-words";
import { sudoRefusal } from "../../sdk/hosts/command/sudo";
import { hangUp } from "../../sdk/hosts/hang-up";
import { HostError } from "../../sdk/hosts/host";
import { expectedKeys, hostKeyRefusal, pinnedKeys } from "../../sdk/hosts/host-key";
import { openSshError } from "../../sdk/hosts/openssh/errors";
import { readPortFacts } from "../../sdk/hosts/port-facts";
import { formProblem, privateKeyProblem } from "../../sdk/hosts/private-key";
import { otherProtocol } from "../../sdk/hosts/ssh2/errors";
import { loginKey, parsedKey } from "../../sdk/hosts/ssh2/key";
import { PUTTY_RSA } from "../support/ssh/putty-keys";
import { ed25519KeyPem, rsaKeyPem } from "../support/x509/rfc-vectors";
import type { Parser } from "./parser";
import { HOST_KEY, OPENSSH_KEY, SEC1_KEY } from "./pem-examples";

const HOST = "web-1.example.com";
const hashed = `|1|F1E1KeoE/eEWhi10WpGv4OdiO6Y=|3988QV0VE8wmZL7suNrYQLITLCg= ${HOST_KEY}`;
const lines = "root: 0100007F:0016 00000000:0000 0A \n";

export const hostParsers: readonly Parser[] = [
  {
    name: "known_hosts",
    read: (text) =>
      hostKeyRefusal(expectedKeys({ host: HOST, port: 2222, knownHosts: text }), Buffer.from("x")),
    examples: [
      `*.example.com,!a.example.com,[web-?.example.com]:2222 ${HOST_KEY}\n@revoked * ${HOST_KEY}\n`,
      `@cert-authority *.example.com ${HOST_KEY}\n${hashed}\n`,
    ],
    openings: ["@revoked ", "[web-1.example.com]:2222,"],
  },
  {
    name: "a pattern of known_hosts",
    read: (text) => expectedKeys({ host: HOST, knownHosts: `${text} ${HOST_KEY}` }).accepted.length,
    examples: ["*.example.com", "web-?.*"],
    openings: ["*", "!", "w"],
  },
  {
    name: "hostKey",
    read: pinnedKeys,
    examples: [HOST_KEY, `${HOST} ${HOST_KEY}`],
  },
  {
    name: "a private key for SSH",
    read: (text) => {
      const problem = privateKeyProblem({ privateKey: text, privateKeyPassword: "pass" });
      if (problem !== undefined)
        throw new HostError("authentication", { host: HOST, step: "connect", detail: problem });
      const key = loginKey({ host: HOST, privateKey: text, privateKeyPassword: "pass" }, HOST);
      return [formProblem(text), key && parsedKey(key, HOST).type];
    },
    examples: [
      ...[OPENSSH_KEY, SEC1_KEY, PUTTY_RSA, rsaKeyPem, ed25519KeyPem],
      OPENSSH_KEY.replaceAll("\n", "\\n"),
    ],
    errors: [HostError],
    openings: [
      "-----BEGIN OPENSSH PRIVATE KEY-----\n",
      "-----BEGIN ",
      "PuTTY-User-Key-File-2: ssh-rsa\n",
      "---- BEGIN SSH2 ",
    ],
    isSecret: true,
  },
  {
    name: "what the command ssh says",
    read: (text) => openSshError(HOST, { host: HOST, knownHosts: "" }, text).message,
    examples: [
      "root@a: Permission denied (publickey,password).",
      "No ED25519 host key is known for a and you have requested strict checking.\r\nHost key verification failed.\r\n",
    ],
    openings: ["no ", "host key ", "permission denied ("],
  },
  {
    name: "another protocol than SSH",
    read: (text) => otherProtocol(HOST, text)?.message,
    examples: ["HTTP/1.1 400 Bad Request\r\n", "220 mail ESMTP\r\n"],
  },
  {
    name: "what a host says before it hangs up",
    read: hangUp,
    examples: ["Not allowed at this time\r\n", "Exceeded MaxStartups\r\n"],
  },
  {
    name: "what sudo says",
    read: (text) => sudoRefusal(text, "deploy"),
    examples: ["sudo: a password is required\n", "deploy is not in the sudoers file."],
  },
  {
    name: "what a host says of its ports",
    read: readPortFacts,
    examples: [`0\n1024\nlinux\n${lines}`],
    openings: ["0\n1024\nlinux\n"],
  },
  {
    name: "a line of the program on the host",
    read: (text) => {
      const words = wordsOf(text, "tag") ?? [];
      return [foundFile("/a", words), storedFile(words)];
    },
    examples: ["tag file c3Vt 0644 0 0 cm9vdA== cm9vdA== r s t u"],
    openings: ["tag file "],
  },
  {
    name: "the last words of a command",
    read: lastWords,
    examples: ["nginx: [emerg] \u0000\u0001 \ufffd no\r\n"],
    openings: ["\ufffd "],
  },
];
