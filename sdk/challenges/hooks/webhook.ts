/** What calls of users' web services have in common, whatever they prove. Pure. */

import type { WebhookArguments } from "./arguments";

/** Credentials within the URL would be sent nowhere; a query stays where it is. */
export function endpoint(url: string, action: "present" | "cleanup"): string {
  const target = new URL(url);
  target.pathname = `${target.pathname.replace(/\/+$/, "")}/${action}`;
  target.username = "";
  target.password = "";
  return target.href;
}

/** The header that says who calls: from the arguments, else from the URL. */
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
