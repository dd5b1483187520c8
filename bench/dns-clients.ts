/** The clients of the DNS bench: each gets one certificate, by the same hook. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type * as providerModule from "../sdk/provider";
import type { Pebble } from "../test/support/ca/pebble";
import { temporaryDirectory } from "../test/support/process/temp";
import { toolPath } from "../test/support/process/tool-paths";
import { built, registerAccount } from "./package";

const { certificate } = built("provider/index.js") as typeof providerModule;

/** From names to a certificate in PEM, all of it timed. */
export type Obtain = (names: readonly string[]) => Promise<string>;

/** Registers what it needs beforehand. */
export type Prepare = (pebble: Pebble, hook: string) => Promise<Obtain>;

/** What `pulumi up` runs for a new `AcmeCertificate`. */
export const ours: Prepare = async (pebble, hook) => {
  const account = await registerAccount(pebble);
  const resolvers = [pebble.dns.dnsAddress];
  return async (dnsNames) => {
    const created = certificate.create({
      account,
      dnsNames,
      solvers: [{ dns01: { exec: { command: [hook] } } }],
      // The test DNS has no zones, and so no name servers to look at.
      propagation: { check: "resolvers", resolvers },
      preflight: { resolvers },
    });
    const { outs } = await created.catch((error: unknown) => {
      // What it throws holds the state to be saved, and so the key.
      throw new Error(error instanceof Error ? error.message : String(error));
    });
    return String(outs["fullchainPem"]);
  };
};

/**
 * It asks name servers on port 53 alone, which a test DNS cannot have: so it does not look for the records, but is told how
 * long to wait (`EXEC_POLLING_INTERVAL`, which it sleeps before it goes on).
 *
 * @param settings - of its `exec`, in seconds
 */
export function lego(settings: Readonly<Record<`EXEC_${string}`, string>>): Prepare {
  return (pebble, hook) =>
    Promise.resolve(async (names) => {
      await using folder = await temporaryDirectory("bench-lego-");
      const caBundleFile = join(folder.path, "ca.pem");
      await writeFile(caBundleFile, pebble.caBundlePem);
      const running = promisify(execFile)(
        toolPath("lego"),
        [
          ...["--path", folder.path, "--server", pebble.directoryUrl, "--accept-tos"],
          ...["--email", "bench@bench.example", "--dns", "exec"],
          ...["--dns.disable-cp", "--dns.resolvers", pebble.dns.dnsAddress],
          ...[...names.flatMap((name) => ["--domains", name]), "run"],
        ],
        {
          env: {
            ...process.env,
            ...settings,
            EXEC_PATH: hook,
            LEGO_CA_CERTIFICATES: caBundleFile,
          },
        },
      );
      const end = (): boolean => running.child.kill();
      process.once("exit", end);
      try {
        await running;
      } finally {
        process.off("exit", end);
      }
      return await readFile(join(folder.path, "certificates", `${names[0] ?? ""}.crt`), "utf8");
    });
}
