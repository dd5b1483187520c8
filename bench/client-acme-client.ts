/**
 * The npm package acme-client in the issuing bench, with the settings that make it fastest.
 *
 * It trusts the test CA by `NODE_EXTRA_CA_CERTS`.
 */
import * as acmeClient from "acme-client";
import { publish, runClient, withdraw } from "./client";

runClient(async ({ directoryUrl, profile, webroot, account }, onRequest) => {
  acmeClient.axios.interceptors.request.use((config) => {
    onRequest({ method: (config.method ?? "get").toUpperCase(), url: config.url ?? "" });
    return config;
  });
  const { crypto } = acmeClient;
  const client = new acmeClient.Client({
    directoryUrl,
    accountKey: account?.accountKeyPem ?? (await crypto.createPrivateEcdsaKey("P-256")),
    accountUrl: account?.accountUrl,
    // The default is 5 s, which one order in four then waits for.
    backoffMin: 100,
  });
  // `auto` has no way to name the profile, and Pebble takes one by chance where none is named.
  const createOrder = client.createOrder.bind(client);
  client.createOrder = (order) => createOrder(Object.assign(order, { profile }));
  return async (names) => {
    const key = await crypto.createPrivateEcdsaKey("P-256");
    const [, csr] = await crypto.createCsr({ altNames: [...names] }, key);
    return client.auto({
      csr,
      termsOfServiceAgreed: true,
      // It would look through the system's resolver, which does not know the names.
      skipChallengeVerification: true,
      challengePriority: ["http-01"],
      challengeCreateFn: (_authorization, { token }, keyAuthorization) =>
        publish(webroot, token, keyAuthorization),
      challengeRemoveFn: (_authorization, { token }) => withdraw(webroot, token),
    });
  };
});
