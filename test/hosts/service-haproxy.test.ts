import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Place, testService } from "../support/services/service-test";

const config = ({ folder }: Place): string => join(folder, "haproxy.cfg");

testService({
  service: "haproxy",
  tools: ["haproxy"],
  version: ["haproxy", "-v"],
  daemon: async (place) => {
    const { port, paths } = place;
    await writeFile(
      config(place),
      `defaults
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
  before: (place) => `export CONFIG=${config(place)} PIDFILE=${place.pidFile}`,
  refused: {
    args: () => ({ files: [{ path: "haproxy.pem", content: "fullchain" }] }),
    words: /No Private Key found/,
  },
  underLoad: true,
});
