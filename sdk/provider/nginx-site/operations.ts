/** What is done with sites: write, refresh, remove. Loads everything heavy. */
import { randomUUID } from "node:crypto";

import { renderNginxSite } from "../../nginx";
import { DEFAULT_RELOAD, DEFAULT_TEST, RELOAD_RUNNING } from "../../nginx/commands";
import { sha256Of } from "../../util/sha256";
import type { ConfigFileDecision } from "../config-file/decide";
import { refreshConfigFile } from "../config-file/refresh";
import { removeConfigFile } from "../config-file/remove";
import type { ConfigFile } from "../config-file/state";
import { writeConfigFile } from "../config-file/write";
import type { Context } from "../engine/resource";
import type { NginxSiteArguments } from "./arguments";
import { lookAtNginx, type NginxOnHost } from "./host";
import { warnIfUnused } from "./in-use";
import { type NginxSiteState, WORDS } from "./state";

export async function create(args: NginxSiteArguments, context: Context): Promise<NginxSiteState> {
  return write(args, { ownerId: randomUUID(), force: false, newHost: true }, context);
}

export async function update(
  state: NginxSiteState,
  args: NginxSiteArguments,
  decision: ConfigFileDecision,
  context: Context,
): Promise<NginxSiteState> {
  if (decision.action === "settings") return { ...state, __arguments: args };
  const force = decision.action === "write" && decision.force;
  return write(args, { ownerId: state.__state.ownerId, force }, context);
}

export async function read(state: NginxSiteState, context: Context): Promise<NginxSiteState> {
  return refreshConfigFile(fileOf(state.__arguments), state, context);
}

export async function remove(
  state: NginxSiteState,
  context: Context,
  living?: NginxSiteState,
): Promise<void> {
  const { reload = RELOAD_RUNNING } = state.__arguments;
  await removeConfigFile({ ...fileOf(state.__arguments), reload }, state, context, living);
}

export { remove as delete };

async function write(
  args: NginxSiteArguments,
  life: { readonly ownerId: string; readonly force: boolean; readonly newHost?: boolean },
  context: Context,
): Promise<NginxSiteState> {
  let nginxVersion: string | undefined;
  let since = 0;
  const { text: config, stored } = await writeConfigFile(
    fileOf(args),
    {
      ...life,
      prepare: async (host, signal) => {
        const seen = await lookAtNginx(host, args, signal);
        if (args.tls !== undefined && args.listen?.http3 === true && !seen.http3)
          context.warn(`${host.label}: this nginx was built without HTTP/3; the site goes without`);
        ({ nginxVersion } = seen);
        since = Date.now();
        return { text: renderFor(args, seen) };
      },
      after: async (host, written, signal) => {
        if (!written.changed || written.notRunning) return;
        await warnIfUnused(
          host,
          args,
          { ...written, ownerId: life.ownerId, since },
          context,
          signal,
        );
      },
    },
    context,
  );
  const { configFile } = args;
  const __state = { ownerId: life.ownerId, stored, nginxVersion };
  return { __arguments: args, __state, config, configFile, sha256: sha256Of(config) };
}

function renderFor(args: NginxSiteArguments, { nginxVersion, ...host }: NginxOnHost): string {
  const { ipv6, http3 } = args.listen ?? {};
  // What it cannot open, or does not know, would make nginx refuse the whole configuration.
  const listen = {
    ...args.listen,
    ipv6: ipv6 ?? (host.ipv6 ? undefined : false),
    http3: http3 === true && host.http3,
  };
  return renderNginxSite({ ...args, listen, nginxVersion });
}

function fileOf(args: NginxSiteArguments): ConfigFile {
  const { connection, configFile, test = DEFAULT_TEST, reload = DEFAULT_RELOAD } = args;
  const { forgetUnreachable } = args;
  const commands = { test, reload, service: "nginx" };
  const file = { path: configFile, mode: "0644", commentPrefix: "#" as const };
  return { ...WORDS, ...file, ...commands, connection, forgetUnreachable };
}
