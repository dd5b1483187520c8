/** The directory of the CA that an account is at, where the other client stores only the account's URL. */
import { directories } from "../../resources/directories";
import type { Report } from "./found";

/** Account URL of a CA's software → where that software has its directory. */
const SOFTWARE: readonly (readonly [account: RegExp, directory: string])[] = [
  [/^\/acme\/(?:acct|reg)\/[^/]+$/, "/directory"], // Boulder
  [/^(\/acme\/[^/]+)\/account\/[^/]+$/, "$1/directory"], // step-ca
  [/^\/my-account\/[^/]+$/, "/dir"], // Pebble
];

export function directoryUrlOf(accountUrl: string, report: Report): string | undefined {
  let url: URL;
  try {
    url = new URL(accountUrl);
  } catch {
    report(`"${accountUrl}" is no URL of an account; the account is left out`);
    return undefined;
  }
  const known = Object.values(directories).find(
    (directory) => new URL(directory).host === url.host,
  );
  if (known !== undefined) return known;
  for (const [account, directory] of SOFTWARE) {
    if (account.test(url.pathname)) {
      return new URL(url.pathname.replace(account, directory), url).href;
    }
  }
  report(
    `the directory of the CA at ${url.host} is not stored: give it with --directory-url; the account is left out`,
  );
  return undefined;
}
