/**
 * `npm start`: the quickstart on this machine, from nothing to HTTPS served by nginx. `npm start -- --destroy` takes it
 * down.
 *
 * Pebble, sshd and nginx listen on loopback ports, and go on running after a successful run, so that there is something
 * to look at. Ctrl-C ends them.
 */
import { rm } from "node:fs/promises";
import { existsSync } from "node:fs";
import { stopOnInterrupt } from "./commands.mjs";
import { setUp } from "./setup/setup.mjs";
import { quickstartSteps } from "./setup/steps.mjs";
import { folder, shown } from "./quickstart/places.mjs";
import { commands, report } from "./quickstart/report.mjs";
import { startServers, stopServers } from "./quickstart/servers.mjs";
import * as stack from "./quickstart/stack.mjs";

const say = (text) => console.log(text);

async function start() {
  say("pulumi-acme quickstart\n\n1. What this machine needs");
  await setUp(quickstartSteps, say);
  say("  Everything is there.\n\n2. Servers on loopback ports");
  const { ports, started } = await startServers();
  say(`  Pebble (the CA)  ${ports.api}`);
  say(`  sshd             ${ports.ssh}`);
  say(`  nginx            ${ports.http} and ${ports.https}`);
  say(`  ${started.length === 0 ? "They were still running." : `Started: ${started.join(", ")}.`}`);

  say("\n3. pulumi up: account, challenge site, certificate, deployment, TLS site\n");
  await stack.configure(ports);
  // A Pebble that was restarted knows no account any more; a refresh finds that, and the same `up` registers anew.
  await stack.up(...((await stack.hasResources()) ? ["--refresh"] : []));

  say("\n4. What is served now\n");
  const outputs = await stack.outputs();
  say(await report(outputs, ports));

  say("\n5. pulumi up once more: nothing changes\n");
  await stack.up("--expect-no-changes");

  say(`\nThe servers go on running. To look again:\n`);
  say(commands(outputs, ports, stack.environment));
  say(`\nThe program is examples/quickstart/index.ts. To take everything down:\n`);
  say("  npm start -- --destroy");
}

async function destroy() {
  if (!existsSync(folder)) {
    say("There is no quickstart to take down.");
    return;
  }
  let failure;
  if (stack.isConfigured()) {
    await setUp(quickstartSteps, say);
    // What was deployed is removed over SSH, by a server that the last Ctrl-C may have ended.
    await startServers();
    say("pulumi destroy\n");
    await stack.destroy().catch((error) => (failure = error));
  }
  await stopServers();
  await stack.forget();
  await rm(folder, { recursive: true, force: true });
  say(`\nThe servers are stopped, and ${shown(folder)} is gone.`);
  if (failure !== undefined) throw failure;
}

stopOnInterrupt(async () => {
  stack.killPlugins();
  await stopServers();
  console.error("The servers are stopped. `npm start` begins where this ended.");
});

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
