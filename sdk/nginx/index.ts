/**
 * nginx configuration for sites whose certificates come by ACME: the public entry `pulumi-acme/nginx`.
 *
 * Pure functions of plain values, for `@pulumi/command` or any other carrier.
 */
export type {
  NginxChallenge,
  NginxClientCertificate,
  NginxHsts,
  NginxListen,
  NginxLocation,
  NginxProxiedChallenge,
  NginxSiteConfig,
  NginxStatelessChallenge,
  NginxStream,
  NginxTls,
  NginxUpstream,
  NginxUpstreamServer,
  NginxWebrootChallenge,
} from "./config";
export { renderNginxSite } from "./render";
