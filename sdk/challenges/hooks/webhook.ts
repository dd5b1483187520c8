/** What calls of users' web services have in common, for any challenge. Pure. */

import type { WebhookArguments } from "./arguments";

/** The URL to call. Credentials are taken out, since they go into a header; a query stays. */
export function endpoint(url: string, action: "present" | "cleanup"): string {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/, "")}/${action}`;
  target.username = "";
  target.password = "";
  return target.href;
}

/** Basic authentication from the arguments, else from the URL. RFC 7617. */
export function authorization({
  url,
  username,
  password,
}: WebhookArguments): Record<string, string> {
  const within = new URL(url);
  const user = username ?? decodeURIComponent(within.username);
  const secret = password ?? decodeURIComponent(within.password);
  if (user === "" && secret === "") return {};
  return { Authorization: `Basic ${Buffer.from(`${user}:${secret}`, "utf8").toString("base64")}` };
}

export function hint(status: number): string {
  return status === 401 || status === 403 ? " (check username and password)" : "";
}
