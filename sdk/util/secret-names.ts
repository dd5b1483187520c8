/**
 * The names of arguments that are secret wherever they stand: those that `secret` marks in the schemas. The classes
 * need them without the schemas, which load valibot.
 */
export const SECRET_ARGUMENTS: ReadonlySet<string> = new Set([
  "accountKeyPem",
  "apiKey",
  "apiToken",
  "applicationKey",
  "applicationSecret",
  "clientSecret",
  "consumerKey",
  "credentials",
  "environment",
  "hmacKey",
  "keySecret",
  "password",
  "personalAccessToken",
  "pkcs12Password",
  "privateKey",
  "privateKeyPassword",
  "privateKeyPem",
  "secretAccessKey",
  "secretApiKey",
  "sessionToken",
  "sharedSecret",
  "sudoPassword",
  "token",
]);
