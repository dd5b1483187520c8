/** Node.js itself, which only a person can bring up to date. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "./places.mjs";

const { engines } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));
const needed = engines.node.replace(">=", "");

export const node = {
  title: `Looking for Node.js ${needed} or newer`,
  usually: "no time",
  remedy: "install a current Node.js (https://nodejs.org/)",
  isDone: () => isAtLeast(process.versions.node, needed),
  perform: async () => {
    throw new Error(`This is Node.js ${process.versions.node}.`);
  },
};

/** Whether one version is the other or a later one: `20.20.2`, `20.19.0`. */
export function isAtLeast(version, minimum) {
  const [left, right] = [version, minimum].map((text) => text.split(".").map(Number));
  const index = right.findIndex((part, position) => part !== (left[position] ?? 0));
  return index === -1 || (left[index] ?? 0) > right[index];
}
