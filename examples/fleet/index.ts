/**
 * One certificate on a fleet of web servers: the first host of the list is the canary.
 *
 *     pulumi config set --path 'names[0]' example.com
 *     pulumi config set --secret cloudflareToken
 *     pulumi config set --path 'hosts[0].name' web-1
 *     pulumi config set --path 'hosts[0].host' web-1.example.com
 *     pulumi config set --path 'hosts[0].hostKey' "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     … 'hosts[1]' and so on
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

interface Host {
  readonly name: string;
  readonly host: string;
  readonly hostKey: string;
  readonly port?: number;
  readonly user?: string;
  readonly sudo?: boolean;
  readonly directory?: string;
  readonly test?: string;
  readonly reload?: string;
}

const config = new pulumi.Config();
const hosts = config.requireObject<Host[]>("hosts");
const resolvers = config.getObject<string[]>("resolvers");
const privateKey = config.requireSecret("sshPrivateKey");
const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const certificate = new acme.AcmeCertificate("certificate", {
  account,
  dnsNames: config.requireObject<string[]>("names"),
  solvers: [
    {
      dns01: {
        cloudflare: {
          apiToken: config.requireSecret("cloudflareToken"),
          apiUrl: config.get("cloudflareUrl"),
        },
      },
    },
  ],
  propagation: resolvers && { check: "resolvers", resolvers },
  preflight: { resolvers },
});

function deploy(
  { name, host, hostKey, port, user, sudo, directory, test, reload }: Host,
  opts: pulumi.CustomResourceOptions = {},
): acme.CertificateDeployment {
  return new acme.CertificateDeployment(
    name,
    {
      certificate,
      connection: { host, hostKey, port, user, sudo, privateKey },
      service: "nginx",
      directory: directory ?? "/etc/ssl/fleet",
      test,
      reload,
      forgetUnreachable: config.getBoolean("forgetUnreachable"),
    },
    opts,
  );
}

const [first, ...others] = hosts;
if (first === undefined) throw new Error("hosts: at least one is needed");
const canary = deploy(first);
for (const host of others) deploy(host, { dependsOn: canary });

export const { fullchainPem, renewAt } = certificate;
