/** What `npm start` does once this machine has everything that it needs. */
import { rm } from "node:fs/promises";
import { folder, shown } from "./places";
import { commands, report } from "./report";
import { startServers, stopServers } from "./servers";
import * as stack from "./stack";

const say = (text: string): void => {
  console.log(text);
};

export async function start(): Promise<void> {
  say("2. Servers on loopback ports");
  const { ports, started } = await startServers();
  say(`  Pebble (the CA)  ${String(ports.api)}`);
  say(`  sshd             ${String(ports.ssh)}`);
  say(`  nginx            ${String(ports.http)} and ${String(ports.https)}`);
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

  say("\nThe servers go on running. To look again:\n");
  say(commands(outputs, ports, stack.environment));
  say("\nThe program is examples/quickstart/index.ts. To take everything down:\n");
  say("  npm start -- --destroy");
}

export async function destroy(): Promise<void> {
  let failure: unknown;
  if (stack.isConfigured()) {
    // What was deployed is removed over SSH, by a server that the last Ctrl-C may have ended.
    await startServers();
    say("pulumi destroy\n");
    await stack.destroy().catch((error: unknown) => (failure = error));
  }
  await stopServers();
  await stack.forget();
  await rm(folder, { recursive: true, force: true });
  say(`\nThe servers are stopped, and ${shown(folder)} is gone.`);
  if (failure !== undefined) throw failure as Error;
}

/** On Ctrl-C. */
export async function stop(): Promise<void> {
  stack.killPlugins();
  await stopServers();
  console.error("The servers are stopped. `npm start` begins where this ended.");
}
