/** Proving names by http-01. @see RFC 8555 §8.3 */
export { exec } from "./exec";
export { listener, type ListenerOptions } from "./listener";
export { checkHttp01, type Http01PreflightOptions } from "./preflight";
export { stateless } from "./stateless";
export { tunnel, type TunnelOptions } from "./tunnel";
export { webhook } from "./webhook";
export { webroot, type WebrootOptions } from "./webroot";
