/** What is done with sites: write, refresh, remove. Loads everything heavy. */
import { randomUUID } from "node:crypto";

import { applyOrKeep, applyPlan, removeFiles, saysNotRunning, type Plan } from "../../deploy";
import { HostError, withHost, type Host, type OpenOptions } from "../../hosts";
import { DEFAULT_RELOAD, DEFAULT_TEST, RELOAD_RUNNING } from "../../nginx/commands";
import { marker, type Owner } from "../../nginx/config-file";
import { renderNginxSite } from "../../nginx";
import { withDeadline } from "../../util/abort";
import { messageOf } from "../../util/errors";
import { sha256Of } from "../../util/sha256";
import { isElsewhere } from "../arguments/machine";
import { isDefect } from "../../util/defect";
import { interruptible } from "../engine/interruption";
import type { Context } from "../engine/resource";
import type { NginxSiteDecision } from "./decide";
import type { NginxSiteArguments } from "./arguments";
import type { NginxSiteState } from "./state";
import { takeover } from "./ownership";
import { lookAtSite, type FoundSite, type SiteOnHost } from "./host";
import { warnIfUnused } from "./in-use";
import type { Reporter } from "../engine/progress";
import { removing } from "../engine/removal";

/** `pulumi refresh` waits no longer for a host that does not answer. */
const REFRESH_TIMEOUT_MS = 30_000;

export async function create(args: NginxSiteArguments, context: Context): Promise<NginxSiteState> {
  return write(args, randomUUID(), false, context, { newHost: true });
}

export async function update(
  state: NginxSiteState,
  args: NginxSiteArguments,
  decision: NginxSiteDecision,
  context: Context,
): Promise<NginxSiteState> {
  if (decision.action === "settings") return { ...state, __arguments: args };
  const force = decision.action === "write" && decision.force;
  return write(args, state.__state.ownerId, force, context);
}

/** What the host holds now. A host that cannot be asked is a warning. */
export async function read(state: NginxSiteState, context: Context): Promise<NginxSiteState> {
  const { __arguments: args } = state;
  try {
    const { file } = await onHost(args, context, (host, signal) => lookAtSite(host, args, signal), {
      timeoutMs: REFRESH_TIMEOUT_MS,
    });
    return { ...state, __state: { ...state.__state, drift: driftOf(state, file) } };
  } catch (error) {
    if (isDefect(error)) throw error;
    context.warn(`the site was not refreshed: ${messageOf(error)}`);
    return state;
  }
}

/** Removes the file if it is still this resource's. */
export async function remove(
  state: NginxSiteState,
  context: Context,
  living?: NginxSiteState,
): Promise<void> {
  const { __arguments: args, configFile } = state;
  const { ownerId } = state.__state;
  const { progress, warn } = context;
  const successor = living?.__state.ownerId === ownerId ? undefined : living;
  const moved =
    successor !== undefined && isElsewhere(args.connection, successor.__arguments.connection);
  const { forgetUnreachable } = args;
  const removal = { what: "site", forgetUnreachable, moved, leftovers: [configFile], warn };
  await removing(removal, () =>
    onHost(args, context, async (host, signal) => {
      const { file } = await lookAtSite(host, args, signal);
      if (file === "absent") return;
      if (file.owner?.token !== ownerId) {
        const whose = file.owner?.urn;
        // The normal course of a replacement, and of a new name.
        const tell = whose !== undefined && context.isLiving(whose) ? context.info : warn;
        tell(`${host.label}: ${configFile} is left as it is: it is not this resource's any more`);
        return;
      }
      const options = { signal, progress, warn };
      // The transaction removes only what it wrote. Lines that somebody added to our file go with it.
      if (file.sha256 !== state.sha256) {
        const plan = planFor(args, ownerFor(ownerId, context), state.config);
        await applyPlan(host, { resource: plan.resource, files: plan.files }, options);
      }
      await removeFiles(host, ownerId, [configFile], options);
      await reloadAfterRemoval(host, args, context, signal);
    }),
  );
}

export { remove as delete };

/* The site is gone from the configuration; a nginx that is broken for another reason must not keep it, and one that does not run need not know. */
async function reloadAfterRemoval(
  host: Host,
  { test = DEFAULT_TEST, reload = RELOAD_RUNNING }: NginxSiteArguments,
  reporter: Reporter,
  signal: AbortSignal,
): Promise<void> {
  for (const command of [test, reload]) {
    reporter.progress(`runs ${command}`);
    const { code, stdout, stderr } = await host.run(command, { signal });
    if (code === 0) continue;
    if (saysNotRunning(`${stdout}\n${stderr}`)) return;
    const words = `${stdout}\n${stderr}`.trim().split("\n").slice(-3).join(" ");
    reporter.warn(
      `${host.label}: the site was removed, but nginx was not reloaded: ${command}: ${words === "" ? `exit code ${String(code)}` : words}`,
    );
    return;
  }
}

async function write(
  args: NginxSiteArguments,
  ownerId: string,
  force: boolean,
  context: Context,
  way: Pick<Way, "newHost"> = {},
): Promise<NginxSiteState> {
  const owner = ownerFor(ownerId, context);
  const work = async (host: Host, signal: AbortSignal): Promise<NginxSiteState> => {
    const { progress, warn } = context;
    progress(`looks at ${args.configFile} on ${host.label}`);
    const seen = await lookAtSite(host, args, signal);
    const takes = takeover(seen.file, owner, context.isLiving);
    if ("refusal" in takes)
      throw new HostError("command", {
        host: host.label,
        step: `write ${args.configFile}`,
        detail: takes.refusal,
      });
    const config = renderFor(args, seen);
    const options = { signal, progress, warn, force, service: "nginx" };
    const since = Date.now();
    const applied = await applyOrKeep(host, planFor(args, owner, config), options);
    if (takes.warning !== undefined) warn(`${host.label}: ${args.configFile}: ${takes.warning}`);
    if (applied.changed && !applied.notRunning) {
      const { testOutput } = applied;
      await warnIfUnused(host, args, { ownerId, testOutput, since }, context, signal);
    }
    return {
      __arguments: args,
      __state: { ownerId, nginxVersion: seen.nginxVersion },
      config,
      configFile: args.configFile,
      sha256: sha256Of(config),
    };
  };
  return onHost(args, context, work, way);
}

function renderFor(args: NginxSiteArguments, { nginxVersion, ipv6 }: SiteOnHost): string {
  // On a host without IPv6 nginx could not open such a socket, and would refuse the whole configuration.
  const listen =
    !ipv6 && args.listen?.ipv6 === undefined ? { ...args.listen, ipv6: false } : args.listen;
  return renderNginxSite({ ...args, listen, nginxVersion });
}

function planFor(args: NginxSiteArguments, owner: Owner, config: string): Plan {
  const content = Buffer.from(`${marker(owner)}\n${config}`, "utf8");
  return {
    resource: owner.token,
    files: [{ path: args.configFile, content, mode: "0644" }],
    test: args.test ?? DEFAULT_TEST,
    reload: args.reload ?? DEFAULT_RELOAD,
  };
}

function driftOf(state: NginxSiteState, file: FoundSite | "absent"): string[] | undefined {
  if (file === "absent") return [`${state.configFile} is gone`];
  if (file.owner?.token !== state.__state.ownerId)
    return [`${state.configFile} was replaced by another file`];
  return file.sha256 === state.sha256 ? undefined : [`${state.configFile} was changed on the host`];
}

function ownerFor(token: string, { urn }: Context): Owner {
  return { token, urn };
}

interface Way extends Pick<OpenOptions, "newHost"> {
  readonly timeoutMs?: number;
}

function onHost<T>(
  args: NginxSiteArguments,
  { progress }: Context,
  work: (host: Host, signal: AbortSignal) => Promise<T>,
  { timeoutMs, newHost }: Way = {},
): Promise<T> {
  const open = (signal: AbortSignal): Promise<T> =>
    withHost(args.connection, (host) => work(host, signal), {
      signal,
      progress,
      newHost,
    });
  return interruptible((interrupted) =>
    timeoutMs === undefined
      ? open(interrupted)
      : withDeadline("the look at the host", timeoutMs, interrupted, open),
  );
}
