/** The names of arguments that are secret wherever they stand. */
export const SECRET_ARGUMENTS: ReadonlySet<string> = new Set([
  "accountKeyPem",
  "privateKeyPem",
  "privateKey",
  "privateKeyPassword",
  "password",
  "sudoPassword",
  "pkcs12Password",
  "hmacKey",
  "apiToken",
  "secretAccessKey",
  "sessionToken",
  "keySecret",
  "environment",
]);
