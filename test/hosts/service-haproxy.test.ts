import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "vitest";

import { commandsOf } from "../../sdk/deploy/services/together";
import { descendants } from "../support/process/process-tree";
import { recorders, watch } from "../support/services/leaks";
import { type Place, testService } from "../support/services/service-test";

const config = ({ folder }: Place): string => join(folder, "haproxy.cfg");

testService({
  service: "haproxy",
  tools: ["haproxy", "socat"],
  version: ["haproxy", "-v"],
  daemon: async (place) => {
    const { folder, port, paths } = place;
    await recorders(place, ["socat", "cat"]);
    await writeFile(
      config(place),
      `global
  stats socket ${folder}/admin.sock level admin
defaults
  mode http
  timeout client 5s
  timeout connect 5s
  timeout server 5s
frontend web
  bind 127.0.0.1:${String(port)} ssl crt ${paths.bundle ?? ""}
  http-request return status 200
`,
    );
    return { command: "haproxy", args: ["-W", "-db", "-f", config(place)] };
  },
  before: (place) => `export ACME_CONFIG=${config(place)} ACME_PIDFILE=${place.pidFile}`,
  refused: {
    args: () => ({ files: [{ path: "haproxy.pem", content: "fullchain" }] }),
    words: /No Private Key found/,
  },
  underLoad: true,
  more: (bench, check) => {
    check(
      "changes through the runtime socket, and shows the key to nobody",
      "runtime socket: same processes, no key in processes and files",
      async () => {
        const { place, deploy, served, last } = bench();
        const { folder, pidFile, paths } = place;
        const reload = `ACME_SOCKET=${folder}/admin.sock ACME_PIDFILE=${pidFile} PATH=${folder}/recorders:$PATH
${commandsOf("haproxy", {}, place).reload ?? ""}`;
        const workers = (): number[] => descendants(Number(readFileSync(pidFile, "utf8")));
        const before = workers();
        const { leaks, recorded } = await watch(bench(), paths.bundle ?? "", () =>
          deploy({ reload }),
        );
        expect(await served()).toBe(last());
        expect(workers()).toEqual(before);
        expect(recorded).toMatch(/socat .*admin\.sock/);
        expect(leaks).toEqual([]);
      },
    );
  },
});
