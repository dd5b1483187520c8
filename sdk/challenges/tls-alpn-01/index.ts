/** Proving names by tls-alpn-01. @see RFC 8737, RFC 8738 */
export { checkTlsAlpn01, type TlsAlpn01PreflightOptions } from "./preflight";
export { listener, type ListenerOptions, tunnel, type TunnelOptions } from "./solver";
