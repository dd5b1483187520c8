/**
 * `pulumi-acme/provider`: the handlers that the loader text of every resource names.
 *
 * A permanent contract: these names stand in users' states. Each may also be called directly with plain data.
 */
import { accountHandler } from "./account";
import { acmeDnsRegistrationHandler } from "./acme-dns-registration";
import { certificateHandler } from "./certificate";
import { deploymentHandler } from "./deployment";
import { guard } from "./engine/handler";
import { nginxSiteHandler } from "./nginx-site";
import { orderHandler } from "./order";
import { serviceConfigHandler } from "./service-config";

export const account = guard(accountHandler);
export const order = guard(orderHandler);
export const certificate = guard(certificateHandler);
export const deployment = guard(deploymentHandler);
export const nginxSite = guard(nginxSiteHandler);
export const serviceConfig = guard(serviceConfigHandler);
export const acmeDnsRegistration = guard(acmeDnsRegistrationHandler);
