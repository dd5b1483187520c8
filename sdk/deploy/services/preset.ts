/** What is known about a service. Data; `check` and the declarations load it. */
import type { FileContent, FileRequest } from "../file-request";
import type { StartTls } from "../starttls";

export interface Preset {
  /** Their paths are names in the deployment's directory. */
  readonly files: readonly FileRequest[];
  /** Run on the host, after the switch and before `reload`: whether the service accepts the files. */
  readonly test?: PresetCommand;
  /** Makes the service use the files. Where it does not run, it should say so in one of the ways of `../not-running`. */
  readonly reload?: PresetCommand;
  /** Where it usually serves TLS. */
  readonly port?: number;
  /** What precedes TLS on `port`. */
  readonly startTls?: StartTls;
  /** Without it `test` and `reload` cannot work, so nothing is written. */
  readonly installed?: Requirement;
}

/** A program, or one of several with blanks between them, and the Debian package that brings it. */
export interface Requirement {
  readonly program: string;
  readonly package: string;
}

/** A shell command, or one that names what was deployed; none where that takes more. */
export type PresetCommand = string | ((deployed: Deployed) => string | undefined);

/** What a command may name. Of a configuration file's service there are no paths. */
export interface Deployed {
  readonly directory?: string;
  readonly paths: Partial<Record<FileContent, string>>;
}

/** What most services read: as root, before they give up their rights. */
export const CHAIN_AND_KEY: readonly FileRequest[] = [
  { path: "fullchain.pem", content: "fullchain" },
  { path: "privkey.pem", content: "privateKey" },
];

/** The same for a service that reads its key as a user of its own. */
export function readableByGroup(group: string): readonly FileRequest[] {
  return [
    { path: "fullchain.pem", content: "fullchain" },
    { path: "privkey.pem", content: "privateKey", mode: "0640", group },
  ];
}

/** A command that makes a service read certificates again, and no configuration. */
export function ofCertificates(command: string): PresetCommand {
  return ({ directory }) => (directory === undefined ? undefined : command);
}

/**
 * `systemctl reload` where systemd runs the unit, because it must know of it; else `otherwise`. Where that fails, and systemd should run
 * the unit, it is started: at boot it may have lacked its certificate.
 */
export function reloadUnit(unit: string, otherwise: string): string {
  return `if systemctl is-active --quiet ${unit} 2>/dev/null; then systemctl reload ${unit}; else ( ${otherwise} ) || { systemctl is-enabled --quiet ${unit} 2>/dev/null && systemctl start ${unit}; }; fi`;
}

/** For a service that reads its files at the start alone. One that died of them is started. */
export function restartUnit(unit: string): string {
  return `if systemctl is-active --quiet ${unit} 2>/dev/null; then systemctl restart ${unit}; elif systemctl is-enabled --quiet ${unit} 2>/dev/null; then systemctl start ${unit}; else echo "${unit} is not running"; exit 1; fi`;
}

/** A signal to the process whose number is in `pidFile`, which a shell reads. */
export function signalOf(signal: string, pidFile: string, service: string): string {
  return `if [ -s "${pidFile}" ]; then kill -${signal} "$(cat "${pidFile}")"; else echo "${service} is not running"; exit 1; fi`;
}
