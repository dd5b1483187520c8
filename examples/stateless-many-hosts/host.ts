/** A web server of the fleet, as it stands in the configuration, and where things are on it. */
import type * as pulumi from "@pulumi/pulumi";
import type * as acme from "pulumi-acme";

export interface Host {
  readonly host: string;
  readonly hostKey: string;
  /** In the names of resources. Default: the host. */
  readonly name?: string;
  readonly port?: number;
  readonly user?: string;
  readonly sudo?: boolean;
  readonly root?: string;
  /** What else is unlike an nginx that the distribution installed. */
  readonly address?: string;
  readonly configDirectory?: string;
  readonly certificateDirectory?: string;
  readonly test?: string;
  readonly reload?: string;
}

export interface Places {
  readonly connection: acme.ConnectionArgs;
  readonly listen: acme.NginxListenArgs;
  readonly commands: { readonly test?: string; readonly reload?: string };
  readonly configFile: (site: string) => string;
}

export function placesOn(host: Host, privateKey: pulumi.Output<string>): Places {
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
