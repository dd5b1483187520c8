/** A user of this machine for the length of a test, with or without sudo. Needs root. */
import { execFile } from "node:child_process";
import { chmod, rm, writeFile } from "node:fs/promises";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface SystemUserOptions {
  /** For a login by password, and for sudo; default: none. */
  readonly password?: string;
  /** Default "none". */
  readonly sudo?: "none" | "without-password" | "with-password";
  readonly groups?: readonly string[];
  /** Default "/bin/sh". */
  readonly shell?: string;
}

export interface SystemUser {
  readonly name: string;
  readonly home: string;
  remove(): Promise<void>;
}

/** Why no user can be made here, if none can. */
export function cannotMakeUsers(): string | undefined {
  return process.getuid?.() === 0 ? undefined : "making users needs root";
}

/** Makes a user with a home folder and a shell. */
export async function createSystemUser(options: SystemUserOptions = {}): Promise<SystemUser> {
  const name = `acme${randomBytes(4).toString("hex")}`;
  const home = `/home/${name}`;
  await run("useradd", [
    ...["--create-home", "--home-dir", home, "--shell", options.shell ?? "/bin/sh"],
    ...(options.groups === undefined ? [] : ["--groups", options.groups.join(",")]),
    // Without a password an account is locked, and sshd (without PAM) lets nobody in; "*" is none, but not locked.
    ...["--password", options.password === undefined ? "*" : await crypt(options.password)],
    name,
  ]);
  const sudoers = `/etc/sudoers.d/${name}`;
  if (options.sudo !== undefined && options.sudo !== "none") {
    const tag = options.sudo === "without-password" ? "NOPASSWD: " : "";
    await writeFile(sudoers, `${name} ALL=(ALL:ALL) ${tag}ALL\n`, { mode: 0o440 });
    await chmod(sudoers, 0o440);
  }
  return {
    name,
    home,
    remove: async () => {
      await rm(sudoers, { force: true });
      // --force: also while one of its processes is still ending.
      await run("userdel", ["--force", "--remove", name]).catch((error: unknown) => {
        // 12: the home folder could not be removed, because something still wrote there; once more by hand.
        if ((error as { code?: number }).code !== 12) throw error;
      });
      await rm(home, { recursive: true, force: true });
      await rm(`/var/mail/${name}`, { force: true });
    },
  };
}

async function crypt(password: string): Promise<string> {
  const child = run("openssl", ["passwd", "-6", "-stdin"]);
  child.child.stdin?.end(password);
  return (await child).stdout.trim();
}
