/** One location of a site. Pure. */
import type { NginxLocation } from "./config";
import { proxyLines } from "./proxy";
import { isStated, readOwn } from "./raw";
import { block, directive, rawLines, word, type Lines } from "./syntax";
import { readLocationPath, readReturn } from "./values";

/** @param hsts - the header's directive of the block around it, if any. */
export function locationBlock(location: NginxLocation, hsts: string | undefined): Lines {
  const raw = readOwn(location.extraConfig);
  // nginx drops all headers of the block around as soon as a location adds one of its own.
  const repeatsHsts =
    isStated(raw.statements, "add_header") &&
    !isStated(raw.statements, "add_header", "Strict-Transport-Security");
  return block(header(location.path), [
    hsts !== undefined && repeatsHsts ? [hsts] : [],
    location.root === undefined ? [] : [directive("root", word(location.root))],
    location.proxyPass === undefined ? [] : proxyLines(location.proxyPass, raw.statements),
    location.return === undefined ? [] : [returnLine(location.return)],
    rawLines(location.extraConfig, raw.quotedNewlines),
  ]);
}

function header(path: string): string {
  const read = readLocationPath(path);
  if ("problem" in read) return `location ${word(path)}`;
  const { modifier, pattern } = read;
  return `location ${modifier === "" || modifier === "@" ? "" : `${modifier} `}${word(pattern)}`;
}

function returnLine(value: string): string {
  const read = readReturn(value);
  if ("problem" in read) return directive("return", word(value));
  const { code, text } = read;
  return directive(
    "return",
    ...[code, text === undefined ? undefined : returned(text)].filter((part) => part !== undefined),
  );
}

/** An URL reads best as it is. Anything else is a text. */
function returned(text: string): string {
  return /^[\w./:@+,=~*^!?&%$-]+$/.test(text) && !text.includes("${") ? text : word(text);
}
