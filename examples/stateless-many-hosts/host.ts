/** One web server in the stack's configuration. */
import type * as pulumi from "@pulumi/pulumi";
import type * as acme from "pulumi-acme";

export interface Host {
  readonly host: string;
  readonly hostKey: string;
  /** Used in resource names. Default: `host`. */
  readonly name?: string;
  readonly port?: number;
  readonly user?: string;
  readonly sudo?: boolean;
  readonly root?: string;
  /** The following are needed only if nginx was not installed from the distribution's package. */
  readonly address?: string;
  readonly configDirectory?: string;
  readonly certificateDirectory?: string;
  readonly test?: string;
  readonly reload?: string;
}

export interface HostSettings {
  readonly connection: acme.ConnectionArgs;
  readonly listen: acme.NginxListenArgs;
  readonly commands: { readonly test?: string; readonly reload?: string };
  readonly configFile: (site: string) => string;
}

export function settingsOf(host: Host, privateKey: pulumi.Output<string>): HostSettings {
  const { address, test, reload, configDirectory = "/etc/nginx/conf.d" } = host;
  return {
    connection: {
      host: host.host,
      hostKey: host.hostKey,
      port: host.port,
      user: host.user,
      sudo: host.sudo,
      privateKey,
    },
    listen: address === undefined ? {} : { address, ipv6: false },
    commands: { test, reload },
    configFile: (site) => `${configDirectory}/many-hosts.${site}.conf`,
  };
}
