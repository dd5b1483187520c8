/** HTTPS for one nginx server: an account, and a site that gets its certificate by itself. */
import * as pulumi from "@pulumi/pulumi";
import * as acme from "pulumi-acme";

const config = new pulumi.Config();
const serverNames = config.require("names").split(",");

const connection: acme.ConnectionArgs = {
  host: config.get("host") || serverNames[0] || "localhost",
  port: config.getNumber("sshPort"),
  user: config.get("sshUser"),
  privateKey: config.requireSecret("sshPrivateKey"),
  hostKey: config.require("sshHostKey"),
  sudo: config.getBoolean("sudo"),
};
// For an nginx that is not the distribution's.
const {
  httpPort = 80,
  httpsPort,
  configDirectory,
  ...commands
} = config.getObject<{
  httpPort?: number;
  httpsPort?: number;
  configDirectory?: string;
  test?: string;
  reload?: string;
}>("nginx") ?? {};

const account = new acme.AcmeAccount("account", {
  directoryUrl: config.require("directoryUrl"),
  termsOfServiceAgreed: true,
  caBundlePem: config.get("caBundlePem"),
});

const site = new acme.NginxHttpsSite(pulumi.getProject(), {
  account,
  connection,
  serverNames,
  proxyPass: config.require("upstream"),
  listen: { http: httpPort, https: httpsPort },
  configDirectory,
  ...commands,
  certificate: { preflight: { httpPort, resolvers: config.getObject<string[]>("resolvers") } },
  deployment: { directory: config.get("certificateDirectory") },
});

export const { notAfter, renewAt, fingerprintSha256 } = site.certificate;
export const configFiles = [site.challengeSite.configFile, site.site.configFile];
