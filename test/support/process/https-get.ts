/** One GET over HTTPS with a root of its own, without this project's HTTP client. */
import { get } from "node:https";

/** The body of `url`, trusting `rootPem` alone. */
export function getText(url: string, rootPem: string, status = 200): Promise<string> {
  return new Promise((resolve, reject) => {
    // Pebble refuses a request without a User-Agent.
    const headers = { "user-agent": "pulumi-acme-test" };
    const request = get(url, { ca: rootPem, agent: false, timeout: 5000, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => {
        if (response.statusCode === status) resolve(text);
        else reject(new Error(`GET ${url}: ${String(response.statusCode)} ${text}`));
      });
      response.on("error", reject);
    });
    request.on("timeout", () => request.destroy(new Error(`GET ${url}: no answer`)));
    request.on("error", reject);
  });
}
