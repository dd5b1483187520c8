/** What is done with sites: write, refresh, remove. Loads everything heavy. */
import { randomUUID } from "node:crypto";

import { removeFiles } from "../../deploy";
import type { Host } from "../../hosts";
import { renderNginxSite } from "../../nginx";
import { DEFAULT_RELOAD, DEFAULT_TEST, RELOAD_RUNNING } from "../../nginx/commands";
import { sha256Of } from "../../util/sha256";
import type { ConfigFileDecision } from "../config-file/decide";
import { refreshConfigFile } from "../config-file/refresh";
import { removeConfigFile } from "../config-file/remove";
import type { ConfigFile } from "../config-file/state";
import { failedCreation } from "../config-file/uncertain";
import { writeConfigFile, type Written } from "../config-file/write";
import type { Context } from "../engine/resource";
import type { NginxSiteArguments } from "./arguments";
import { disable, enable, linkFor } from "./enable";
import { adviceOn, isIncluded, lookAtNginx, type NginxOnHost } from "./host";
import { warnIfUnused } from "./in-use";
import { type NginxSiteState, WORDS } from "./state";

interface Life {
  readonly ownerId: string;
  readonly force: boolean;
  /** It is created. */
  readonly newHost?: boolean;
}

export async function create(args: NginxSiteArguments, context: Context): Promise<NginxSiteState> {
  const ownerId = randomUUID();
  try {
    return await write(args, { ownerId, force: false, newHost: true }, context);
  } catch (error) {
    const { configFile } = args;
    throw failedCreation(error, { __arguments: args, __state: { ownerId }, configFile });
  }
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
  const { __arguments: args } = state;
  const link = linkFor(args.configFile);
  return refreshConfigFile(fileOf(args), state, context, async (host, signal) => {
    if (link === undefined) return undefined;
    const isRead = await isIncluded(host, args, state.__state.ownerId, signal);
    return isRead === false ? [`nginx does not read it: ${link} is gone`] : undefined;
  });
}

export async function remove(
  state: NginxSiteState,
  context: Context,
  living?: NginxSiteState,
): Promise<void> {
  const { configFile, reload = RELOAD_RUNNING } = state.__arguments;
  const link = linkFor(configFile);
  const file = { ...fileOf(state.__arguments), reload };
  await removeConfigFile(file, state, context, living, async (host, signal) => {
    if (link !== undefined) await disable(host, { link, configFile }, signal);
  });
}

export { remove as delete };

async function write(
  args: NginxSiteArguments,
  life: Life,
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
      advise: async (host, { message }, signal) =>
        /directive is not allowed here in \S*:\d/.test(message)
          ? adviceOn(host, args, signal)
          : undefined,
      after: async (host, written, signal) => {
        await linked(host, args, { ...life, shown: written.shown }, signal);
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

/** Makes nginx read a site of `sites-available`. */
async function linked(
  host: Host,
  { configFile, test = DEFAULT_TEST, reload = DEFAULT_RELOAD }: NginxSiteArguments,
  { ownerId, newHost: isNew, shown }: Life & Pick<Written, "shown">,
  signal: AbortSignal,
): Promise<void> {
  const link = linkFor(configFile);
  if (link === undefined || (await isIncluded(host, { test }, ownerId, signal)) === true) return;
  try {
    await enable(host, { link, configFile }, { test, reload }, shown, signal);
  } catch (error) {
    if (isNew === true) await undo(host, { link, configFile }, ownerId);
    throw error;
  }
}

/** Also where all is interrupted; what it is undone for tells more than what fails now. */
async function undo(
  host: Host,
  site: { readonly link: string; readonly configFile: string },
  ownerId: string,
): Promise<void> {
  await disable(host, site).catch(() => undefined);
  await removeFiles(host, ownerId, [site.configFile]).catch(() => undefined);
}

function renderFor(args: NginxSiteArguments, { nginxVersion, ...host }: NginxOnHost): string {
  const { ipv6, http3 } = args.listen ?? {};
  // What it cannot open, or does not know, would make nginx refuse the whole configuration.
  const listen = {
    ...args.listen,
    ipv6: ipv6 ?? (host.ipv6 ? undefined : false),
    http3: http3 === true && host.http3 ? true : undefined,
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
