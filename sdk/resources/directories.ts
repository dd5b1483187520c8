/** Directory URLs of well-known CAs. */

/**
 * Directory URLs of public ACME CAs, for the argument `directoryUrl` of an `AcmeAccount`.
 *
 * Try a program with a staging directory first: production CAs limit how many certificates and how many failures they
 * allow in a week.
 */
export const directories = {
  /** Let's Encrypt. */
  letsEncrypt: "https://acme-v02.api.letsencrypt.org/directory",
  /** Let's Encrypt's staging environment: high limits, certificates that browsers do not trust. */
  letsEncryptStaging: "https://acme-staging-v02.api.letsencrypt.org/directory",
  /** ZeroSSL. Needs an external account binding. */
  zeroSsl: "https://acme.zerossl.com/v2/DV90",
  /** Google Trust Services. Needs an external account binding. */
  googleTrustServices: "https://dv.acme-v02.api.pki.goog/directory",
  /** Google Trust Services' staging environment. Needs an external account binding of its own. */
  googleTrustServicesStaging: "https://dv.acme-v02.test-api.pki.goog/directory",
  /** SSL.com, ECDSA hierarchy. Needs an external account binding. */
  sslCom: "https://acme.ssl.com/sslcom-dv-ecc",
  /** SSL.com, RSA hierarchy. Needs an external account binding. */
  sslComRsa: "https://acme.ssl.com/sslcom-dv-rsa",
  /** Actalis. Needs an external account binding. */
  actalis: "https://acme-api.actalis.com/acme/directory",
} as const;
