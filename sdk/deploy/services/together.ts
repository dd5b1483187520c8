/** What one service, or several with one copy of the files, ask of a deployment. Pure. */
import type { FileRequest } from "../file-request";
import type { StartTls } from "../starttls";
import { type DeploymentService, SERVICES } from "./index";
import type { Deployed, Preset, PresetCommand, Requirement } from "./preset";

/** As users write it. */
export type ServiceArgument = DeploymentService | readonly DeploymentService[] | undefined;

export interface ServicePort {
  readonly port: number;
  readonly startTls?: StartTls | undefined;
}

export interface ServiceCommands {
  readonly test?: string | undefined;
  readonly reload?: string | undefined;
  /** What has to be there for them to work. */
  readonly needs: readonly Requirement[];
}

export function namesOf(service: ServiceArgument): readonly DeploymentService[] {
  if (service === undefined) return ["generic"];
  return typeof service === "string" ? [service] : [...new Set(service)];
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
  return presetsOf(service).flatMap(({ port, startTls }) =>
    port === undefined ? [] : [{ port, startTls }],
  );
}

/** Their commands, unless the user gives his `own`. */
export function commandsOf(
  service: ServiceArgument,
  own: { readonly test?: string | undefined; readonly reload?: string | undefined },
  deployed: Deployed,
): ServiceCommands {
  const presets = presetsOf(service);
  const all = (kind: "test" | "reload"): string | undefined =>
    inTurn(presets.flatMap((preset) => textOf(preset[kind], deployed)));
  const isOwn = own.test !== undefined && own.reload !== undefined;
  return {
    test: own.test ?? all("test"),
    reload: own.reload ?? all("reload"),
    needs: isOwn ? [] : presets.flatMap(({ installed }) => installed ?? []),
  };
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

function textOf(command: PresetCommand | undefined, deployed: Deployed): string[] {
  if (command === undefined) return [];
  return [typeof command === "string" ? command : command(deployed)];
}

/** One command of several: the first that fails ends it. A single one keeps its text, by which reloads are shared. */
function inTurn(commands: readonly string[]): string | undefined {
  const different = [...new Set(commands)];
  if (different.length < 2) return different[0];
  return different.map((command) => `( ${command} )`).join(" && ");
}
