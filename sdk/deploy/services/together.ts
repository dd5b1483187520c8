/** What one service, or several with one copy of the files, ask of a deployment. Pure. */
import { enumerate } from "../../util/text";
import type { FileRequest } from "../file-request";
import type { StartTls } from "../starttls";
import type { DeploymentService } from "./index";
import { SERVICES } from "./index";
import type { Deployed, Preset, PresetCommand, Requirement } from "./preset";

/** As users write it. */
export type ServiceArgument = DeploymentService | readonly DeploymentService[] | undefined;

export interface ServicePort {
  readonly service: string;
  readonly port: number;
  readonly startTls?: StartTls | undefined;
}

/** A command of one service. */
export interface ServiceCommand {
  readonly service: string;
  readonly command: string;
}

export interface ServiceCommands {
  readonly test?: string | undefined;
  readonly reload?: string | undefined;
  /** What `reload` is made of, where it is not the user's. */
  readonly reloads: readonly ServiceCommand[];
  /** What has to be there for them to work. */
  readonly needs: readonly Requirement[];
}

export function namesOf(service: ServiceArgument): readonly DeploymentService[] {
  if (service === undefined) return ["generic"];
  return typeof service === "string" ? [service] : [...new Set(service)];
}

/** Their names, for messages. */
export function wordsOf(service: ServiceArgument): string {
  const names = namesOf(service).filter((name) => name !== "generic");
  return names.length === 0 ? "the service" : enumerate(names);
}

/** The files of all: of those with one path the one that says whose it is, because root reads every file. */
export function filesOfServices(service: ServiceArgument): FileRequest[] {
  const byPath = new Map<string, FileRequest>();
  for (const file of allFiles(service)) {
    const other = byPath.get(file.path);
    if (other === undefined || !isOwned(other)) byPath.set(file.path, file);
  }
  return [...byPath.values()];
}

/** Why one copy of the files cannot serve all, if it cannot. */
export function disagreementOf(service: ServiceArgument): string | undefined {
  const files = allFiles(service).filter(isOwned);
  for (const { path, owner, group } of files) {
    const other = files.find(
      (file) => file.path === path && (file.owner !== owner || file.group !== group),
    );
    if (other !== undefined) {
      const owners = [ownerOf({ owner, group }), ownerOf(other)].join(" and ");
      return `these services want ${path} for different users (${owners}): give \`files\` with an access list (\`acl\`), or each its own deployment`;
    }
  }
  return undefined;
}

/** Where their TLS is looked at. */
export function portsOf(service: ServiceArgument): ServicePort[] {
  return namesOf(service).flatMap((name) => {
    const { port, startTls } = SERVICES[name];
    return port === undefined ? [] : [{ service: name, port, startTls }];
  });
}

/** Here TLS begins at once, whatever the service does on its usual port. */
const IMPLICIT_TLS = new Set([443, 465, 563, 636, 853, 990, 992, 993, 994, 995, 5223, 5671, 8883]);

/** A port that is looked at; of one that the user names nobody may know whose it is. */
export type LookedAt = Partial<ServicePort> & Pick<ServicePort, "port">;

/** What is looked at: the port that is `given`, else that of each service. */
export function portsAt(service: ServiceArgument, given: number | undefined): LookedAt[] {
  const usual = portsOf(service);
  if (given === undefined) return usual;
  const same = usual.find(({ port }) => port === given);
  if (same !== undefined) return [same];
  return [{ port: given, startTls: IMPLICIT_TLS.has(given) ? undefined : usual[0]?.startTls }];
}

/** Their commands, unless the user gives his `own`. */
export function commandsOf(
  service: ServiceArgument,
  own: { readonly test?: string | undefined; readonly reload?: string | undefined },
  deployed: Deployed,
): ServiceCommands {
  const { test, reload } = own;
  const isOwn = test !== undefined && reload !== undefined;
  const reloads = reload === undefined ? commandsFor("reload", service, deployed) : [];
  return {
    test: test ?? inTurn("test", commandsFor("test", service, deployed)),
    reload: reload ?? inTurn("reload", reloads),
    reloads,
    needs: isOwn ? [] : presetsOf(service).flatMap(({ installed }) => installed ?? []),
  };
}

type Kind = "test" | "reload";

function failureOf(kind: Kind, service: string): string {
  return `the ${kind} of ${service} failed`;
}

/** All that {@link inTurn} may say. */
export const FAILURES: readonly string[] = Object.keys(SERVICES).flatMap((service) => [
  failureOf("test", service),
  failureOf("reload", service),
]);

/**
 * One command of several: the first that fails ends it, and says so in its last line, see {@link failedIn}. A single one keeps its text,
 * by which reloads are shared.
 */
export function inTurn(kind: Kind, commands: readonly ServiceCommand[]): string | undefined {
  if (commands.length < 2) return commands[0]?.command;
  return commands
    .map(
      ({ service, command }) =>
        `( ${command} ) || { code=$?; echo "${failureOf(kind, service)}"; exit $code; }`,
    )
    .join("\n");
}

/** Which of `commands`, run by {@link inTurn}, failed with these words. */
export function failedIn(
  words: string,
  commands: readonly ServiceCommand[],
): ServiceCommand | undefined {
  if (commands.length < 2) return commands[0];
  const [, name] = /.*\bthe reload of (\w+) failed\b/.exec(words) ?? [];
  return commands.find(({ service }) => service === name);
}

function presetsOf(service: ServiceArgument): Preset[] {
  return namesOf(service).map((name) => SERVICES[name]);
}

function allFiles(service: ServiceArgument): FileRequest[] {
  return presetsOf(service).flatMap(({ files }) => files);
}

function isOwned({ owner, group }: FileRequest): boolean {
  return owner !== undefined || group !== undefined;
}

function ownerOf({ owner = "", group }: Pick<FileRequest, "owner" | "group">): string {
  return group === undefined ? owner : `${owner}:${group}`;
}

function commandsFor(kind: Kind, service: ServiceArgument, deployed: Deployed): ServiceCommand[] {
  const byText = new Map<string, ServiceCommand>();
  for (const name of namesOf(service)) {
    const command = textOf(SERVICES[name][kind], deployed);
    if (command !== undefined && !byText.has(command))
      byText.set(command, { service: name, command });
  }
  return [...byText.values()];
}

function textOf(command: PresetCommand | undefined, deployed: Deployed): string | undefined {
  return typeof command === "function" ? command(deployed) : command;
}
