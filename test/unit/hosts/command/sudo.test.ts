import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { shellQuote } from "../../../../sdk/hosts/command/shell";
import { loginShellLine } from "../../../../sdk/hosts/command/login-shell";
import { sudoRefusal } from "../../../../sdk/hosts/command/sudo";

describe("quoting for a shell", () => {
  it("keeps every text one word", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
        (text) => {
          const out = execFileSync("/bin/sh", ["-c", `printf %s ${shellQuote(text)}`]);
          expect(out.toString("utf8")).toBe(text);
        },
      ),
      { numRuns: 40, examples: [["'"], ["\\"], ["a'b\\c\n$(id)`id`!x"], ["-n"], [""]] },
    );
  });

  it("leaves no backslash inside of quotes, where fish would read it", () => {
    expect(shellQuote("a\\b'c")).toBe("'a'\\\\'b'\\''c'");
  });
});

describe("the line for the login shell", () => {
  it("runs the command by /bin/sh, with the system's programs in its search path, in English", () => {
    const line = loginShellLine('echo "$PATH|$LC_ALL"; exit 7', "none");
    const run = (): string =>
      execFileSync("/bin/sh", ["-c", line], {
        env: { PATH: "/opt/own" },
        encoding: "utf8",
        stdio: "pipe",
      });
    let thrown: { status?: number; stdout?: string } = {};
    try {
      run();
    } catch (error) {
      thrown = error as typeof thrown;
    }
    expect(thrown.status).toBe(7);
    expect(thrown.stdout).toMatch(/^pulumi-acme begins \d+\n\/opt\/own:.*\/usr\/sbin.*\|C\n$/);
  });

  it("is one line of printable ASCII that no shell reads anything into, whatever the command is", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary" }).filter((text) => !text.includes("\0")),
        (text) => {
          const line = loginShellLine(`cat <<'END'\n${text}\nEND\n`, "none");
          expect(line).toMatch(/^[ -~]*$/);
          expect(line).not.toContain("!");
          const out = execFileSync("/bin/sh", ["-c", line], { stdio: ["pipe", "pipe", "ignore"] });
          expect(out.toString("utf8").replace(/^.*\n/, "")).toBe(`${text}\n`);
        },
      ),
      {
        numRuns: 40,
        examples: [["'"], ["\\"], ["\\c"], ["a'b\\c\n$(id)`id`!x"], ["%s é 💡"], [""]],
      },
    );
  });

  it("never holds a password, and asks sudo for none unless there is one to give", () => {
    expect(loginShellLine("id", "without-password")).toContain("sudo -n --");
    const line = loginShellLine("id", "with-password");
    expect(line).toContain("sudo -S -p");
    expect(line).not.toContain("sudo -n");
  });
});

describe("a host without sudo", () => {
  it("says so", () => {
    const folder = mkdtempSync(join(tmpdir(), "no-sudo-"));
    try {
      chmodSync(folder, 0o755);
      symlinkSync(realpathSync("/usr/bin/id"), join(folder, "id"));
      // The system's folders hold sudo on this machine: an almost empty one takes their place.
      const line = loginShellLine("id", "with-password").replaceAll(
        /\/usr\/local\/sbin:[/:a-z]+/g,
        folder,
      );
      const root = process.getuid?.() === 0;
      const result = spawnSync("/bin/sh", ["-c", line], {
        // Without one, the shell has a search path of its own.
        env: { PATH: folder },
        encoding: "utf8",
        ...(root ? { uid: 65534, gid: 65534 } : {}),
      });
      expect(result.status).toBe(127);
      expect(sudoRefusal(result.stderr, "deploy")).toContain("sudo is not installed there");
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe("what sudo refuses", () => {
  const cases: [string, string, RegExp][] = [
    ["no sudo", "sh: 1: sudo: not found", /not installed/],
    ["a password", "sudo: a password is required", /give sudoPassword, or put "deploy ALL=/],
    ["a wrong password", "Sorry, try again.\nsudo: 1 incorrect password attempt", /did not accept/],
    ["no rule", "deploy is not in the sudoers file.", /may not use sudo: put "deploy ALL=\(root\)/],
    ["no rule for this", "Sorry, user deploy may not run sudo on web-1.", /may not use sudo/],
    ["a terminal", "sudo: sorry, you must have a tty to run sudo", /!requiretty/],
    ["a password, of sudo-rs", "sudo: interactive authentication is required", /give sudoPassword/],
    [
      "a wrong password, of sudo-rs",
      "sudo: Authentication failed, try again.\nsudo: Maximum 3 incorrect authentication attempts",
      /did not accept/,
    ],
    [
      "no rule, of sudo-rs",
      "sudo: I'm sorry deploy. I'm afraid I can't do that",
      /may not use sudo/,
    ],
    [
      "a reason that stands after warnings",
      `${"/etc/sudoers.d/other:1:83: wildcards are not allowed here\n".repeat(40)}sudo: the disk is full`,
      /sudo: the disk is full$/,
    ],
    ["anything else", "sudo: /etc/sudo.conf is\nworld writable", /sudo.conf is world writable/],
  ];
  it.each(cases)("says what to do about %s", (_name, said, expected) => {
    expect(sudoRefusal(said, "deploy")).toMatch(expected);
    expect(sudoRefusal(said, "deploy")).not.toContain("\n");
  });
});
