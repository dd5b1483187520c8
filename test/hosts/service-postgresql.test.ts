import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";

import { expect } from "vitest";

import { freePort } from "../support/process/ports";
import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

/** Debian installs several versions side by side, outside of the search path. */
function binaries(): string {
  const versions = readdirSync("/usr/lib/postgresql").sort((a, b) => Number(b) - Number(a));
  return join("/usr/lib/postgresql", versions[0] ?? "", "bin");
}

function setTls({ folder, port }: Place, ssl: "on" | "off"): void {
  const settings = [`ALTER SYSTEM SET ssl = ${ssl}`, "SELECT pg_reload_conf()"];
  const commands = settings.flatMap((text) => ["-c", text]);
  const connection = ["-h", join(folder, "own"), "-p", String(port), "-d", "postgres"];
  const { command, args } = asUser("postgres", "psql", ["-q", ...connection, ...commands]);
  execFileSync(command, args, { cwd: folder, stdio: "pipe" });
}

testService({
  service: "postgresql",
  tools: ["psql"],
  version: ["psql", "--version"],
  name: "postgresql",
  daemon: async ({ folder, port, paths }) => {
    const data = join(folderOf("postgres", folder), "data");
    const { command, args } = asUser("postgres", join(binaries(), "initdb"), [
      ...["-D", data, "--no-sync", "-A", "trust"],
    ]);
    execFileSync(command, args, { cwd: folder, stdio: "pipe" });
    await appendFile(
      join(data, "postgresql.conf"),
      `listen_addresses = '127.0.0.1'
port = ${String(port)}
unix_socket_directories = '${folder}/own'
fsync = off
logging_collector = on
log_directory = '${folder}/own'
log_filename = 'log'
ssl = on
ssl_cert_file = '${paths.fullchain ?? ""}'
ssl_key_file = '${paths.privateKey ?? ""}'
`,
    );
    return asUser("postgres", join(binaries(), "postgres"), ["-D", data]);
  },
  before: ({ folder, port }) =>
    `export PGHOST=${folder}/own PGPORT=${String(port)} ACME_LOG=${folder}/own/log`,
  refused: { args: otherKey("postgres"), words: /key values mismatch.*was not reloaded/ },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /could not load private key file.*Permission denied/);
    check("refuses a key that others of its group can read", "its rule for modes", async () => {
      const { refusal, served, last } = bench();
      const said = await refusal(() => ({
        files: [{ path: "privkey.pem", content: "privateKey", mode: "0640", owner: "postgres" }],
      }));
      expect(said).toMatch(/has group or world access.*File must have permissions u=rw \(0600\)/);
      expect(await served()).toBe(last());
    });
    check("is rolled back where nobody listens, and where TLS is off", "TLS off", async () => {
      const { place, refusal, served, last } = bench();
      const verified = (port: number): Promise<string> =>
        refusal(() => ({ verify: { address: `127.0.0.1:${String(port)}`, timeout: "1s" } }));
      expect(await verified(await freePort())).toMatch(
        /serves no certificate \(connect ECONNREFUSED.*the old files are in use again/,
      );
      setTls(place, "off");
      await expect.poll(served).toBeUndefined();
      expect(await verified(place.port)).toMatch(
        /serves no certificate \(SSLRequest: the server does not offer TLS\).*the old files are in use again/,
      );
      setTls(place, "on");
      await expect.poll(served).toBe(last());
    });
  },
});
