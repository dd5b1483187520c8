/** `npm run bench -- fleet`: one renewal of a certificate on twenty hosts, against one host, by the real engine over real sshd. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createAuthority } from "../test/support/ca/certificate-authority";
import { createStack, type Stack } from "../test/support/engine/pulumi";
import { temporaryDirectory } from "../test/support/process/temp";
import { type Sshd, startSshd } from "../test/support/ssh/sshd";
import { fixed, maximum, median, ratio, table, type Say, type Section } from "./report";

const HOSTS = 20;
const ROUNDS = 5;

interface Fleet {
  readonly stack: Stack;
  readonly hosts: number;
  readonly seconds: number[];
}

/** Reads its hosts and the certificate from files: between two rounds the certificate alone changes. */
const PROGRAM = `
  import { readFileSync } from "node:fs";
  import * as acme from "pulumi-acme";
  const read = (name) => JSON.parse(readFileSync(name, "utf8"));
  for (const { name, directory, connection } of read("hosts.json")) {
    new acme.CertificateDeployment(name, {
      certificate: read("certificate.json"),
      connection,
      directory,
      test: "true",
      reload: "true",
    });
  }
`;

export async function fleet(say: Say): Promise<Section> {
  await using folder = await temporaryDirectory("fleet-");
  const servers: Sshd[] = [];
  const fleets: Fleet[] = [];
  try {
    say(`${String(HOSTS)} sshd are started`);
    for (let host = 0; host < HOSTS; host++) servers.push(await startSshd());
    for (const hosts of [1, HOSTS]) {
      const used = servers.slice(0, hosts);
      fleets.push({ stack: await stackOf(used, folder.path), hosts, seconds: [] });
    }
    say(`renewal on 1 host and on ${String(HOSTS)}: ${String(ROUNDS)} times each`);
    await takeTurns(fleets);
    return describe(fleets);
  } finally {
    for (const { stack } of fleets) await stack.stop();
    for (const server of servers) await server.stop();
  }
}

function stackOf(servers: readonly Sshd[], folder: string): Promise<Stack> {
  const fleetFolder = join(folder, String(servers.length));
  const hosts = servers.map(({ connection }, index) => {
    const name = `web-${String(index)}`;
    return { name, directory: join(fleetFolder, name), connection };
  });
  return createStack(PROGRAM, { files: { "hosts.json": JSON.stringify(hosts) } });
}

/** Preview and update, as people run it. Who begins changes each time; the first round installs, and is not counted. */
async function takeTurns(fleets: readonly Fleet[]): Promise<void> {
  const authority = await createAuthority();
  for (let round = 0; round <= ROUNDS; round++) {
    const { certificatePem, privateKeyPem } = await authority.issue(["bench.example"]);
    const certificate = JSON.stringify({ fullchainPem: certificatePem, privateKeyPem });
    for (const { stack, hosts, seconds } of round % 2 === 0 ? fleets : fleets.toReversed()) {
      await writeFile(join(stack.directory, "certificate.json"), certificate);
      const { durationMs, changes } = await stack.up();
      if (changes[round === 0 ? "create" : "update"] !== hosts + (round === 0 ? 1 : 0))
        throw new Error(`a renewal did ${JSON.stringify(changes)}`);
      if (round > 0) seconds.push(durationMs / 1000);
    }
  }
}

function describe(fleets: readonly Fleet[]): Section {
  const [one = NaN, many = NaN] = fleets.map(({ seconds }) => median(seconds));
  return {
    title: `A renewal on ${String(HOSTS)} hosts`,
    text: [
      "`pulumi up`, preview and update, of the deployments to as many sshd on this machine; seconds on the wall.",
      "",
      table(
        ["hosts", "runs", "median", "min", "max"],
        fleets.map(({ hosts, seconds }) => [
          String(hosts),
          String(seconds.length),
          ...[median(seconds), Math.min(...seconds), maximum(seconds)].map((value) =>
            fixed(value, 2),
          ),
        ]),
      ),
    ].join("\n"),
    targets: [
      {
        what: `${String(HOSTS)} deployments, against one (median)`,
        wanted: "at most × 2",
        measured: ratio(many, one),
        met: many <= 2 * one,
      },
    ],
  };
}
