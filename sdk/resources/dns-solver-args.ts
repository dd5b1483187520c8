/** How names are proven by DNS records. */
import type * as pulumi from "@pulumi/pulumi";

import type { HookArgs, WebhookArgs } from "./hook-args";
import type { OneOf } from "./one-of";
import type { PropagationArgs } from "./propagation-args";

/** DNS providers: exactly one of these. */
export interface Dns01Kinds {
  /** Cloudflare, by an API token with the permission "Zone / DNS / Edit" for the zone. */
  cloudflare: pulumi.Input<CloudflareDnsArgs>;
  /** Amazon Route 53. Needs the package `@aws-sdk/client-route-53` beside this one. */
  route53: pulumi.Input<Route53DnsArgs>;
  /** Any server that takes dynamic updates signed by TSIG, such as BIND, Knot or PowerDNS. RFC 2136, RFC 8945. */
  rfc2136: pulumi.Input<Rfc2136DnsArgs>;
  /** A server of github.com/joohoi/acme-dns. */
  acmeDns: pulumi.Input<AcmeDnsArgs>;
  /** A service with the contract of lego's `httpreq`. */
  webhook: pulumi.Input<WebhookArgs & HookMode>;
  /** A program with the contract of lego's `exec`; certbot's variables are set as well. */
  exec: pulumi.Input<HookArgs & HookMode>;
  /** Azure DNS. Needs the package `@azure/identity` beside this one, unless `clientSecret` is given. */
  azure: pulumi.Input<AzureDnsArgs>;
  /** Google Cloud DNS. Needs the package `google-auth-library` beside this one, unless `credentials` is a service account's key. */
  googleCloud: pulumi.Input<GoogleCloudDnsArgs>;
  /** INWX, by user name and password. */
  inwx: pulumi.Input<InwxDnsArgs>;
  /** OVHcloud, by the keys of an application. */
  ovh: pulumi.Input<OvhDnsArgs>;
  /** Any of some 80 services, by the program dns-lexicon, which must be installed. */
  lexicon: pulumi.Input<LexiconDnsArgs>;
  /** PowerDNS' authoritative server, by its HTTP API. */
  powerDns: pulumi.Input<PowerDnsArgs>;
  /** DigitalOcean, by a personal access token with the scopes domain:read, domain:create and domain:delete. */
  digitalOcean: pulumi.Input<DigitalOceanDnsArgs>;
  /** Hetzner's DNS in the Cloud Console, by an API token of the project. */
  hetzner: pulumi.Input<HetznerDnsArgs>;
  /** deSEC, by a token. */
  deSec: pulumi.Input<DeSecDnsArgs>;
  /** Gandi's LiveDNS, by a personal access token. */
  gandi: pulumi.Input<GandiDnsArgs>;
  /** Linode (Akamai), by a personal access token with Read/Write for Domains. */
  linode: pulumi.Input<LinodeDnsArgs>;
  /** Vultr, by an API key. */
  vultr: pulumi.Input<VultrDnsArgs>;
  /** Porkbun, for domains with API access. */
  porkbun: pulumi.Input<PorkbunDnsArgs>;
}

/** Settings beside the provider. */
export interface Dns01Settings {
  /** Follow CNAMEs and create the record at their target. Default: true. */
  followCname?: pulumi.Input<boolean>;
  /** Default: the certificate's `propagation`. */
  propagation?: pulumi.Input<PropagationArgs>;
  /** TTL of the records, in seconds. Default: 60. */
  ttl?: pulumi.Input<number>;
}

/** Exactly one provider, and settings. */
export type Dns01 = OneOf<Dns01Kinds> & Dns01Settings;

/** Mode of a hook, as in lego. */
export interface HookMode {
  /** `default`: name and value of the record; `raw`: domain, token and key authorization. Default: `default`. */
  mode?: pulumi.Input<"default" | "raw">;
}

/** Access to Cloudflare. */
export interface CloudflareDnsArgs {
  /** Secret. */
  apiToken: pulumi.Input<string>;
  /** Default: found by the name. */
  zoneId?: pulumi.Input<string>;
  /** Default: Cloudflare's. */
  apiUrl?: pulumi.Input<string>;
}

/** Access to Route 53. Defaults are those of the AWS SDK: environment, profile, instance. */
export interface Route53DnsArgs {
  /** Default: the public zone that the name is in. */
  hostedZoneId?: pulumi.Input<string>;
  region?: pulumi.Input<string>;
  accessKeyId?: pulumi.Input<string>;
  /** Secret. */
  secretAccessKey?: pulumi.Input<string>;
  /** Secret. */
  sessionToken?: pulumi.Input<string>;
  /** Profile in the AWS configuration file. */
  profile?: pulumi.Input<string>;
  /** Default: Amazon's. */
  endpoint?: pulumi.Input<string>;
}

/** Access to a name server. */
export interface Rfc2136DnsArgs {
  /** Host, or `host:port`. */
  server: pulumi.Input<string>;
  /** Name of the TSIG key. */
  keyName: pulumi.Input<string>;
  /** Secret of the TSIG key, base64. Secret. */
  keySecret: pulumi.Input<string>;
  /** Default: `hmac-sha256`. */
  keyAlgorithm?: pulumi.Input<
    "hmac-sha1" | "hmac-sha224" | "hmac-sha256" | "hmac-sha384" | "hmac-sha512"
  >;
  /** Default: found by SOA records. */
  zone?: pulumi.Input<string>;
}

/** Access to acme-dns: what its registration returned. */
export interface AcmeDnsArgs {
  url: pulumi.Input<string>;
  username: pulumi.Input<string>;
  /** Secret. */
  password: pulumi.Input<string>;
  subdomain: pulumi.Input<string>;
}

/** Access to PowerDNS. */
export interface PowerDnsArgs {
  /** Of the server's web server, without `/api/v1`: `https`, or a loopback host. */
  apiUrl: pulumi.Input<string>;
  /** `api-key` in the server's configuration. Secret. */
  apiKey: pulumi.Input<string>;
  /** Default: `localhost`, which is the server itself. */
  serverId?: pulumi.Input<string>;
  /** Default: found by the name. */
  zone?: pulumi.Input<string>;
}

/** What services have in common. */
export interface DnsServiceArgs {
  /** Default: found by the name. */
  zone?: pulumi.Input<string>;
  /** Default: the service's own. */
  apiUrl?: pulumi.Input<string>;
}

/** Access to DigitalOcean. */
export interface DigitalOceanDnsArgs extends DnsServiceArgs {
  /** Personal access token. Secret. */
  token: pulumi.Input<string>;
}

/** Access to Hetzner. */
export interface HetznerDnsArgs extends DnsServiceArgs {
  /** Of the project that has the zone, with the permission Read & Write. Secret. */
  apiToken: pulumi.Input<string>;
}

/** Access to deSEC. */
export interface DeSecDnsArgs extends DnsServiceArgs {
  /** A token; its policies, if it has any, must let it write the TXT records. Secret. */
  token: pulumi.Input<string>;
}

/** Access to Gandi. */
export interface GandiDnsArgs extends DnsServiceArgs {
  /** With "Manage domain name technical configurations" for the domain. Secret. */
  personalAccessToken: pulumi.Input<string>;
}

/** Access to Linode. */
export interface LinodeDnsArgs extends DnsServiceArgs {
  /** Personal access token. Secret. */
  token: pulumi.Input<string>;
}

/** Access to Vultr. */
export interface VultrDnsArgs extends DnsServiceArgs {
  /** API key; its access control must list the addresses of this machine. Secret. */
  apiKey: pulumi.Input<string>;
}

/** Access to Porkbun. */
export interface PorkbunDnsArgs extends DnsServiceArgs {
  /** "pk1_…". Secret. */
  apiKey: pulumi.Input<string>;
  /** "sk1_…". Secret. */
  secretApiKey: pulumi.Input<string>;
}

/** A service that dns-lexicon knows. */
export interface LexiconDnsArgs {
  /** Name of the service in dns-lexicon, such as `inwx`; `lexicon --help` lists them. */
  provider: pulumi.Input<string>;
  /** Options of the service, such as `authUsername` for `--auth-username`. Secret, and passed in the environment. */
  credentials: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** The zone. Default: the domain that the public suffix list makes of each name. */
  zone?: pulumi.Input<string>;
  /** The program and its first arguments. Default: `["lexicon"]`. */
  command?: pulumi.Input<pulumi.Input<string>[]>;
}

/** Access to Azure DNS. */
export interface AzureDnsArgs {
  subscriptionId: pulumi.Input<string>;
  resourceGroup: pulumi.Input<string>;
  /** Default: found by the name. */
  zone?: pulumi.Input<string>;
  tenantId?: pulumi.Input<string>;
  /** Of the application, or of a managed identity. */
  clientId?: pulumi.Input<string>;
  /** Secret. Default: what `@azure/identity` finds. */
  clientSecret?: pulumi.Input<string>;
  /** Default: Azure's. */
  apiUrl?: pulumi.Input<string>;
  /** Default: Microsoft's. */
  loginUrl?: pulumi.Input<string>;
}

/** Access to Google Cloud DNS. */
export interface GoogleCloudDnsArgs {
  /** Default: that of the credentials. */
  project?: pulumi.Input<string>;
  /** Name of the managed zone. Default: the public one that the name is in. */
  managedZone?: pulumi.Input<string>;
  /** DNS name of the zone. Default: found by the name. */
  zone?: pulumi.Input<string>;
  /** The JSON text of a key file. Secret. Default: what `google-auth-library` finds. */
  credentials?: pulumi.Input<string>;
  /** Default: Google's. */
  apiUrl?: pulumi.Input<string>;
}

/** Access to INWX. */
export interface InwxDnsArgs {
  username: pulumi.Input<string>;
  /** Secret. */
  password: pulumi.Input<string>;
  /** Of the second factor, if the account has one: the secret behind its QR code. Secret. */
  sharedSecret?: pulumi.Input<string>;
  /** Default: found by the name. */
  zone?: pulumi.Input<string>;
  /** Default: INWX'. */
  apiUrl?: pulumi.Input<string>;
}

/** Access to OVHcloud. */
export interface OvhDnsArgs {
  endpoint: pulumi.Input<
    "ovh-eu" | "ovh-ca" | "ovh-us" | "kimsufi-eu" | "kimsufi-ca" | "soyoustart-eu" | "soyoustart-ca"
  >;
  /** Secret. */
  applicationKey: pulumi.Input<string>;
  /** Secret. */
  applicationSecret: pulumi.Input<string>;
  /** Secret. */
  consumerKey: pulumi.Input<string>;
  /** Default: found by the name. */
  zone?: pulumi.Input<string>;
  /** Default: that of `endpoint`. */
  apiUrl?: pulumi.Input<string>;
}
