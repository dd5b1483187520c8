/**
 * `npm start`: the quickstart on this machine, from nothing to HTTPS served by nginx. `npm start -- --destroy` takes it
 * down.
 *
 * Pebble, sshd and nginx listen on loopback ports, and go on running after a successful run, so that there is something
 * to look at. Ctrl-C ends them.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { stopOnInterrupt } from "./commands.mjs";
import { repository } from "./setup/places.mjs";
import { setUp } from "./setup/setup.mjs";
import { quickstartSteps } from "./setup/steps.mjs";
import { loadTypeScript } from "./typescript.mjs";

/** Ends the servers; until there is a quickstart there are none. */
let stopQuickstart = async () => {};

stopOnInterrupt(() => stopQuickstart());
try {
  const [flag, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || ![undefined, "--destroy"].includes(flag)) {
    throw new Error("usage: npm start [-- --destroy]");
  }
  await (flag === "--destroy" ? destroy() : start());
} catch (error) {
  console.error(`\n${error.message}`);
  process.exitCode = 1;
}

async function start() {
  console.log("pulumi-acme quickstart\n\n1. What this machine needs");
  const quickstart = await load();
  console.log("  Everything is there.\n");
  await quickstart.start();
}

async function destroy() {
  if (!existsSync(join(repository, ".quickstart"))) {
    console.log("There is no quickstart to take down.");
    return;
  }
  await (await load()).destroy();
}

async function load() {
  await setUp(quickstartSteps);
  const quickstart = loadTypeScript("./quickstart/quickstart.ts");
  stopQuickstart = quickstart.stop;
  return quickstart;
}
