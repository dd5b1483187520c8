/** Proving names by http-01. Layer 3. @see RFC 8555 §8.3 */
export { listener, type ListenerOptions } from "./listener";
export { checkHttp01, type PreflightOptions } from "./preflight";
export { stateless } from "./stateless";
export { webroot, type WebrootOptions } from "./webroot";
