/** Keys, requests, certificates and chains. Layer 1. `pkcs12` is not here: it loads pkijs, which few need. */
export * from "./certificate";
export * from "./chain";
export * from "./csr";
export * from "./keys";
export { CertificateError, encodePem, splitCertificates } from "./pem";
