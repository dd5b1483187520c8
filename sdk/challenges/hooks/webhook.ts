/** What calls of users' web services have in common, for any challenge. Pure. */
import { withoutTrailingSlashes } from "../../http/url";
import type { WebhookArguments } from "./arguments";

/** The URL to call; a query stays. */
export function endpoint(url: string, action: "present" | "cleanup"): string {
  const target = new URL(url);
  target.pathname = `${withoutTrailingSlashes(target.pathname)}/${action}`;
  return target.href;
}

/** Basic authentication. RFC 7617. */
export function authorization({
  username = "",
  password = "",
}: WebhookArguments): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = Buffer.from(`${username}:${password}`, "utf8").toString("base64");
  return { Authorization: `Basic ${pair}` };
}

export function hint(status: number): string {
  return status === 401 || status === 403 ? " (check username and password)" : "";
}
