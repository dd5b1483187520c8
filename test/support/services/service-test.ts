/** The tests that every service gets: its real daemon, with certificates from a deployment on this machine. */
import { spawnSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";

import { type FileRequest, holdsKey } from "../../../sdk/deploy/file-request";
import { filesOf, pathsOf } from "../../../sdk/deploy/plan-files";
import type { DeploymentService } from "../../../sdk/deploy/services";
import { commandsOf, namesOf, portsOf } from "../../../sdk/deploy/services/together";
import { deploymentHandler } from "../../../sdk/provider/deployment";
import type { Properties } from "../../../sdk/provider/engine/handler";
import { enumerate } from "../../../sdk/util/text";
import { createAuthority, type TestAuthority } from "../ca/certificate-authority";
import { type ResourceRun, resourceRun } from "../engine/handler-run";
import { fingerprintOf } from "../nginx/deploy-site";
import { freePort } from "../process/ports";
import { type ServerProcess, startServer } from "../process/server-process";
import { temporaryDirectory } from "../process/temp";
import { describeUnless, missingTools } from "../process/tools";
import type { Tool } from "../process/tool-paths";
import { cannotMakeUsers } from "../ssh/system-user";
import { type At, NAME, servedAt, startLoad } from "./handshakes";
import { recordOf } from "./records";

/** Where a daemon under test lives. */
export interface Place {
  /** For its configuration and data. Every user may enter it. */
  readonly folder: string;
  /** The deployment's. */
  readonly directory: string;
  /** Paths of what the deployment writes there. */
  readonly paths: ReturnType<typeof pathsOf>;
  /** On the loopback interface. */
  readonly port: number;
  /** Here lies the number of the daemon's process once it is ready. */
  readonly pidFile: string;
}

export interface Daemon {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** A certificate without its chain. */
export interface Leaf {
  readonly fullchainPem: string;
  readonly privateKeyPem: string;
}

export interface Subject {
  readonly service: DeploymentService | readonly DeploymentService[];
  readonly tools: readonly Tool[];
  /** A program that says which version it is, and its arguments. */
  readonly version: readonly [string, ...string[]];
  /** What that program is the version of, if not of itself. */
  readonly name?: string;
  /** Writes the configuration; gives the command that runs the daemon in the foreground. */
  readonly daemon: (place: Place) => Promise<Daemon>;
  /** Shell text before the preset's own `test` and `reload`: variables with which they mean this daemon. */
  readonly before?: (place: Place) => string;
  /** In place of the preset's, where that cannot work here. */
  readonly test?: (place: Place) => string;
  readonly reload?: (place: Place) => string;
  /** Arguments of a deployment that the daemon refuses, and its words. */
  readonly refused: {
    readonly args: (place: Place, leaf: Leaf) => Properties;
    readonly words: RegExp;
  };
  /** Other arguments of every deployment. */
  readonly args?: Properties;
  /** More tests of this service, before the record is compared. */
  readonly more?: (bench: () => Bench, check: Check) => void;
  /** Whether no handshake may fail while the certificate changes. */
  readonly underLoad?: boolean;
}

/** `it`, which notes in the record `what` was checked. */
export type Check = (name: string, what: string, body: () => Promise<void>) => void;

const URN = "urn:pulumi:dev::project::pulumi-nodejs:dynamic/acme:CertificateDeployment::service";

export function testService(subject: Subject): void {
  const service = enumerate(namesOf(subject.service));
  const [usual] = portsOf(subject.service);
  // Daemons and their files have users of their own.
  const missing = cannotMakeUsers() ?? missingTools(...subject.tools, "openssl");
  describeUnless(missing, `${service}, as the real daemon`, () => {
    const checked: string[] = [];
    const check: Check = (name, what, body) => {
      it(name, async () => {
        await body();
        checked.push(what);
      });
    };
    let bench: Bench;
    beforeAll(async () => {
      bench = await setUp(subject);
    });
    afterAll(() => bench.stop());

    check(
      "keeps its first files when it does not run yet",
      "first files before it runs",
      async () => {
        await bench.deploy({ verify: false });
        expect(bench.run.warnings().join()).toMatch(/does not run .*; the new files are kept/);
        await bench.start();
        expect(await bench.served()).toBe(bench.last());
      },
    );

    const load = subject.underLoad === true;
    const how = usual?.startTls === undefined ? "handshake" : `handshake after STARTTLS`;
    check(
      `serves the next certificate${load ? ", and no handshake fails meanwhile" : ""}`,
      load ? `${how}, and under load none fails` : how,
      async () => {
        const running = load ? startLoad(bench.at) : undefined;
        const before = bench.last();
        await bench.deploy();
        if (load) await sleep(1500);
        const report = await running?.stop();
        // A process that is about to end may take one connection more.
        await expect.poll(bench.served, { timeout: 10_000 }).toBe(bench.last());
        if (report !== undefined) {
          expect(report.failures).toEqual([]);
          expect(report.seen).toEqual(new Set([before, bench.last()]));
          // Some fifty a second for more than 1.5 s.
          expect(report.handshakes).toBeGreaterThan(25);
        }
        expect(bench.run.state["servedFingerprintSha256"]).toBe(bench.last());
        expect(bench.run.state["reloaded"]).toBe(true);
      },
    );

    check(
      "refuses what it cannot use: its words are ours, and the old one is served on",
      "refusal",
      async () => {
        const before = bench.last();
        const { args, words } = subject.refused;
        const refusal = await bench.refusal((leaf) => args(bench.place, leaf));
        expect(refusal).toMatch(words);
        expect(refusal).toContain("the old files are in use again");
        await expect.poll(bench.served, { timeout: 10_000 }).toBe(before);
        expect(await bench.deployed()).toBe(before);
      },
    );
    subject.more?.(() => bench, check);

    it("was checked as the documentation says", async () => {
      const [program, ...args] = subject.version;
      // Some call this a failure.
      const { stdout } = spawnSync(program, args, { encoding: "utf8", timeout: 10_000 });
      const daemon = `${subject.name ?? program} ${/\d+(\.\d+)+/.exec(stdout)?.[0] ?? "?"}`;
      expect((await recordOf({ service, daemon, checked })).checked).toEqual(checked);
    });
  });
}

export interface Bench {
  readonly place: Place;
  readonly at: At;
  readonly run: ResourceRun;
  start(): Promise<void>;
  /** Deploys a new certificate. */
  deploy(more?: Properties): Promise<void>;
  /** What is said when another resource deploys there, which must fail. */
  refusal(args: (leaf: Leaf) => Properties): Promise<string>;
  /** The fingerprint of the certificate that was deployed last. */
  last(): string;
  served(): Promise<string | undefined>;
  /** The fingerprint of what lies in the files. */
  deployed(): Promise<string>;
  /** All that the daemon printed. */
  log(): string;
  stop(): Promise<void>;
}

async function setUp(subject: Subject): Promise<Bench> {
  const temporary = await temporaryDirectory("service-");
  const folder = temporary.path;
  // Daemons have users of their own.
  await chmod(folder, 0o755);
  const directory = join(folder, "ssl");
  await mkdir(directory);
  const files = filesIn(subject, directory);
  const place: Place = {
    folder,
    directory,
    paths: pathsOf(files),
    port: await freePort(),
    pidFile: join(folder, "daemon.pid"),
  };
  const authority = await createAuthority();
  const run = resourceRun(deploymentHandler);
  const at = { port: place.port, startTls: portsOf(subject.service)[0]?.startTls };
  const daemon = await subject.daemon(place);
  let server: ServerProcess | undefined;
  let last = "";
  return {
    place,
    at,
    run,
    start: async () => {
      server = await startServer(daemon.command, daemon.args, {
        env: daemon.env ?? {},
        cwd: folder,
        ready: async () => (await servedAt(at)) !== undefined,
      });
      await writeFile(place.pidFile, `${String(server.pid)}\n`);
    },
    deploy: async (more = {}) => {
      const { certificate, fingerprint } = await issue(authority);
      await run.up({ ...argumentsOf(subject, place), certificate, ...more });
      last = fingerprint;
    },
    refusal: async (more) => {
      const { certificate, leaf } = await issue(authority);
      const args = { ...argumentsOf(subject, place), certificate, ...more(leaf) };
      return resourceRun(deploymentHandler).up(args).then(String, String);
    },
    last: () => last,
    served: () => servedAt(at),
    deployed: async () => fingerprintIn(files),
    log: () => server?.output() ?? "",
    stop: async () => {
      await server?.stop();
      await temporary.remove();
    },
  };
}

function filesIn({ service, args }: Subject, directory: string): FileRequest[] {
  const files = args?.["files"] as FileRequest[] | undefined;
  return filesOf({ directory, service, files }, true);
}

function argumentsOf(subject: Subject, place: Place): Properties {
  const { service, before, args } = subject;
  const preset = commandsOf(service, {}, place);
  const inPlace = (text: string | undefined): string | undefined =>
    text === undefined || before === undefined ? text : `${before(place)}\n${text}`;
  return {
    connection: "local",
    service,
    directory: place.directory,
    test: subject.test?.(place) ?? inPlace(preset.test),
    reload: subject.reload?.(place) ?? inPlace(preset.reload),
    verify: { address: `127.0.0.1:${String(place.port)}`, timeout: "15s" },
    __urn: URN,
    ...args,
  };
}

async function issue(
  authority: TestAuthority,
): Promise<{ certificate: Properties; leaf: Leaf; fingerprint: string }> {
  const { certificatePem, privateKeyPem } = await authority.issue([NAME]);
  return {
    certificate: { fullchainPem: certificatePem + authority.rootPem, privateKeyPem },
    leaf: { fullchainPem: certificatePem, privateKeyPem },
    fingerprint: fingerprintOf(new X509Certificate(certificatePem)),
  };
}

async function fingerprintIn(files: readonly FileRequest[]): Promise<string> {
  const file =
    files.find(({ content }) => !holdsKey(content)) ??
    files.find(({ content }) => content === "bundle");
  return fingerprintOf(new X509Certificate(await readFile(file?.path ?? "")));
}
