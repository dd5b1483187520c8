/** A page over HTTPS, and the certificate that it came with. */
import { get } from "node:https";

/**
 * Fetches `url`, trusting `ca` alone.
 *
 * @param address - where to connect, instead of asking a resolver for the URL's host
 */
export function getPage(url, { ca, address }) {
  const { hostname } = new URL(url);
  // Pebble refuses a request without a User-Agent.
  const headers = { "user-agent": "pulumi-acme-quickstart" };
  const lookup = (_name, options, callback) =>
    options.all ? callback(null, [{ address, family: 4 }]) : callback(null, address, 4);
  const options = {
    ca,
    headers,
    agent: false,
    timeout: 5000,
    servername: /^[\d.]+$/.test(hostname) ? undefined : hostname,
    ...(address === undefined ? {} : { lookup }),
  };
  return new Promise((resolve, reject) => {
    const request = get(url, options, (response) => {
      const certificate = response.socket.getPeerX509Certificate();
      const protocol = response.socket.getProtocol();
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (body += chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode, body, certificate, protocol }),
      );
    });
    request.once("timeout", () => request.destroy(new Error(`${url}: no answer`)));
    request.once("error", reject);
  });
}
