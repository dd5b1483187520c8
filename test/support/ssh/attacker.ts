/** A user of this machine who attacks root's work in a directory that is his. Needs root. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chown, lstat, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** nobody, on every system. */
export const ATTACKER = 65_534;
const PROGRAM = join(__dirname, "attacker-program.mjs");

/** What is root's, and may not change: a secret file, and a directory with a file of each name. */
export interface Roots {
  readonly secret: string;
  readonly victim: string;
  /** What has become of it. */
  damage(): Promise<readonly string[]>;
}

/** @param folder - root's, where others may look. */
export async function rootsIn(folder: string, names: readonly string[]): Promise<Roots> {
  const secret = join(folder, "secret");
  const victim = join(folder, "victim");
  await writeFile(secret, "root's secret", { mode: 0o600 });
  await mkdir(victim, { mode: 0o755 });
  for (const name of names) await writeFile(join(victim, name), "root's", { mode: 0o600 });
  const describe = async (path: string): Promise<string> => {
    const { mode, uid, nlink } = await lstat(path);
    const content = (await lstat(path)).isFile() ? await readFile(path, "utf8") : "";
    return [path, mode.toString(8), uid, content === "" ? "" : nlink, content]
      .map(String)
      .join(" ");
  };
  const all = async (): Promise<string[]> => {
    const inside = (await readdir(victim, { recursive: true })).sort();
    return Promise.all([secret, victim, ...inside.map((name) => join(victim, name))].map(describe));
  };
  const before = new Set(await all());
  return {
    secret,
    victim,
    damage: async () => {
      const now = new Set(await all());
      return [
        ...[...now].filter((line) => !before.has(line)),
        ...[...before].filter((line) => !now.has(line)).map((line) => `no longer: ${line}`),
      ];
    },
  };
}

/** Gives `directory` to the attacker, and starts him there. */
export async function startAttacker(
  directory: string,
  { secret, victim }: Roots,
  play?: "current",
): Promise<{ stop(): Promise<void> }> {
  await chown(directory, ATTACKER, ATTACKER);
  // Over standard input: he may not be allowed to read this folder.
  const program = await readFile(PROGRAM, "utf8");
  const attacker = spawn(
    process.execPath,
    ["--input-type=module", "--eval", program, directory, secret, victim, play ?? ""],
    { uid: ATTACKER, gid: ATTACKER, cwd: "/", stdio: ["pipe", "pipe", "inherit"], env: {} },
  );
  const ended = once(attacker, "exit");
  const failed = ended.then(() => {
    throw new Error("the attacker ended early");
  });
  await Promise.race([once(attacker.stdout, "data"), failed]);
  return {
    stop: async () => {
      attacker.stdin.end();
      attacker.kill("SIGKILL");
      await failed.catch(() => undefined);
    },
  };
}
