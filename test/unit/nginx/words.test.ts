/** What nginx says of a site: in its test, and in its error log. */
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { emergenciesCommand, emergenciesWithin } from "../../../sdk/nginx/error-log";
import { warningsAbout } from "../../../sdk/nginx/warnings";
import { temporaryDirectory } from "../../support/process/temp";

const site = {
  configFile: "/etc/nginx/sites-available/example.conf",
  serverNames: ["example.com", "*.example.com", "[2001:db8::1]"],
};

describe("nginx's warnings in a test that succeeds", () => {
  it.each([
    ['nginx: [warn] conflicting server name "example.com" on 0.0.0.0:80, ignored'],
    [
      '2026/11/27 07:09:00 [warn] 15851#15851: conflicting server name "*.example.com" on [::]:443, ignored',
    ],
    ['nginx: [warn] conflicting server name "[2001:db8::1]" on 0.0.0.0:80, ignored'],
    [
      "nginx: [warn] protocol options redefined for 0.0.0.0:443 in /etc/nginx/sites-enabled/example.conf:3",
    ],
    [
      'nginx: [warn] the "listen ... http2" directive is deprecated, use the "http2" directive instead in /etc/nginx/sites-available/example.conf:12',
    ],
    [
      'nginx: [warn] duplicate MIME type "text/html" in /etc/nginx/sites-available/example.conf:7\r',
    ],
  ])("are the site's where they name it: %s", (line) => {
    const text = line.replace(/^.*\[warn\] (\d+#\d+: )?/, "").trimEnd();
    const output = `${line}\n${line}\nnginx: configuration file /etc/nginx/nginx.conf test is successful\n`;
    expect(warningsAbout(output, site)).toEqual([text]);
  });

  it.each([
    ['nginx: [warn] conflicting server name "example.org" on 0.0.0.0:80, ignored'],
    ['nginx: [warn] conflicting server name "www.example.com" on 0.0.0.0:80, ignored'],
    ["nginx: [warn] protocol options redefined for 0.0.0.0:443 in /etc/nginx/conf.d/other.conf:3"],
    ["nginx: [warn] something in /etc/nginx/conf.d/an-example.conf:3"],
    ['nginx: [warn] the "user" directive makes sense only if the master process runs with it'],
    ["nginx: the configuration file /etc/nginx/sites-available/example.conf syntax is ok"],
    ["nginx: [notice] in /etc/nginx/sites-available/example.conf:3"],
  ])("are others' where they do not: %s", (line) => {
    expect(warningsAbout(line, site)).toEqual([]);
  });
});

describe("nginx's error log", () => {
  const log = [
    "2026/11/27 07:09:10",
    '2026/11/27 07:00:00 [emerg] 12#12: unknown directive "x" in /etc/nginx/nginx.conf:1',
    "2026/11/27 07:09:04 [emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)",
    "2026/11/27 07:09:05 [emerg] 12#12: bind() to 0.0.0.0:80 failed (98: Address already in use)",
    "2026/11/27 07:09:06 [emerg] 12#12: still could not bind()",
    "",
  ].join("\n");
  const bind = "bind() to 0.0.0.0:80 failed (98: Address already in use)";

  it("says each line once, of the time that is asked for by the host's own clock", () => {
    expect(emergenciesWithin(6000, log)).toEqual([bind, "still could not bind()"]);
    expect(emergenciesWithin(3000, log)).toEqual(["still could not bind()"]);
    expect(emergenciesWithin(1000, log)).toEqual([]);
    expect(emergenciesWithin(3_600_000, log)).toHaveLength(3);
  });

  it("says nothing where there is none, or what is read there is none", () => {
    for (const answer of ["", "2026/11/27 07:09:10\n", "x\n[emerg] y", log.replace(/^.*\n/, "\n")])
      expect(emergenciesWithin(6000, answer)).toEqual([]);
  });

  it.each([
    ["that is configured", (folder: string) => `error_log "${folder}/error.log" notice;`],
    ["below the prefix", () => "error_log error.log;"],
    ["that it was built with", () => "http { }"],
  ])("is the one %s", async (_title, directive) => {
    const folder = await temporaryDirectory("error-log-");
    try {
      const at = (name: string): string => join(folder.path, name);
      await writeFile(at("error.log"), `${log}\n2026/11/27 07:09:06 [error] 12#12: other\n`);
      const built = `configure arguments: --with-cc-opt='-g -O2' --prefix=${folder.path} --error-log-path=${at("error.log")} --x`;
      const program = `[ "$1" = -V ] && echo "${built}" >&2 || printf '%s\\n' '# configuration file x:' '${directive(folder.path)}'`;
      await writeFile(at("nginx"), `#!/bin/sh\n${program}\n`, { mode: 0o755 });
      const command = emergenciesCommand(`${at("nginx")} -t`) ?? "";
      const answer = execFileSync("sh", ["-c", command], { encoding: "utf8" });
      expect(answer.split("\n").slice(1)).toEqual(log.split("\n").slice(1));
      expect(answer).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\n/);
    } finally {
      await folder.remove();
    }
  });

  it("is read where nginx runs, and not where it only is told from", () => {
    for (const test of ["nginx -t", "sudo nginx -t", "'/opt/nginx/sbin/nginx' -t -c /x.conf"])
      expect(emergenciesCommand(test)).toContain("error_log");
    for (const test of ["docker exec web nginx -t", "ssh other nginx -t", "true", "nginx -t; x"])
      expect(emergenciesCommand(test)).toBeUndefined();
  });
});
