/** The services that a deployment knows: one file each, and this table. */
import { apache } from "./apache";
import { caddy } from "./caddy";
import { coturn } from "./coturn";
import { docker } from "./docker";
import { dovecot } from "./dovecot";
import { ejabberd } from "./ejabberd";
import { exim } from "./exim";
import { generic } from "./generic";
import { haproxy } from "./haproxy";
import { mosquitto } from "./mosquitto";
import { mysql } from "./mysql";
import { nginx } from "./nginx";
import { openldap } from "./openldap";
import { postfix } from "./postfix";
import { postgresql } from "./postgresql";
import type { Preset } from "./preset";
import { prosody } from "./prosody";
import { redis } from "./redis";
import { systemdCredential } from "./systemd-credential";
import { vsftpd } from "./vsftpd";

export type { Deployed, Preset, PresetCommand, Requirement } from "./preset";

/** Services whose files, owner, mode, test, reload and port are known. `generic` has files alone. */
export type DeploymentService =
  | "nginx"
  | "apache"
  | "haproxy"
  | "caddy"
  | "postfix"
  | "exim"
  | "dovecot"
  | "postgresql"
  | "mysql"
  | "redis"
  | "mosquitto"
  | "coturn"
  | "prosody"
  | "ejabberd"
  | "openldap"
  | "vsftpd"
  | "systemdCredential"
  | "docker"
  | "generic";

export const SERVICES: Readonly<Record<DeploymentService, Preset>> = {
  nginx,
  apache,
  haproxy,
  caddy,
  postfix,
  exim,
  dovecot,
  postgresql,
  mysql,
  redis,
  mosquitto,
  coturn,
  prosody,
  ejabberd,
  openldap,
  vsftpd,
  systemdCredential,
  docker,
  generic,
};
