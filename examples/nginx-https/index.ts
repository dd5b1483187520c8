/**
 * Several sites on one nginx: HTTP is redirected, and each site has a certificate of its own.
 *
 *     pulumi config set --path 'sites[0].names[0]' example.com
 *     pulumi config set --path 'sites[0].root' /var/www/example.com
 *     pulumi config set --path 'sites[1].names[0]' app.example.com
 *     pulumi config set --path 'sites[1].proxyPass' http://127.0.0.1:3000
 *     pulumi config set host web-1.example.com
 *     pulumi config set sshHostKey "ssh-ed25519 AAAA…"   # as the host's console shows it
 *     pulumi config set --secret sshPrivateKey < ~/.ssh/id_ed25519
 */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const sites =
  config.requireObject<{ names: string[]; root?: string; proxyPass?: string }[]>("sites");
const httpPort = config.getNumber("httpPort") ?? 80;
const address = config.get("listenAddress");
const certificates = config.get("certificateDirectory") ?? "/etc/ssl/sites";
const connection: acme.ConnectionArgs = {
  host: config.require("host"),
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
const account = new acme.AcmeAccount("account", {
  directoryUrl: config.get("directoryUrl") ?? acme.directories.letsEncryptStaging,
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

export const renewAt: Record<string, pulumi.Output<string>> = {};
for (const { names, root, proxyPass } of sites) {
  const [name = ""] = names;
  const { certificate } = new acme.NginxHttpsSite(name, {
    account,
    connection,
    serverNames: names,
    root,
    proxyPass,
    listen: { http: httpPort, https: config.getNumber("httpsPort"), address },
    configDirectory: config.get("nginxConfigDirectory"),
    test: config.get("nginxTest"),
    reload: config.get("nginxReload"),
    certificate: { preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") } },
    deployment: { directory: `${certificates}/${name}` },
  });
  renewAt[name] = certificate.renewAt;
}
