/** One location of a site. Pure. */
import type { NginxLocation } from "./config";
import { type Header, repeatedHeaders } from "./header";
import { proxyLines, type ProxyWay } from "./proxy";
import { readOwn } from "./raw";
import { block, directive, rawLines, word, type Lines } from "./syntax";
import { readLocationPath, readReturn } from "./values";

/**
 * @param headers - those of the block around it.
 * @param way - to its `proxyPass`, if it has one.
 */
export function locationBlock(
  location: NginxLocation,
  headers: readonly Header[],
  way: ProxyWay | undefined,
): Lines {
  const raw = readOwn(location.extraConfig);
  return block(header(location.path), [
    repeatedHeaders(headers, raw.statements),
    location.root === undefined ? [] : [directive("root", word(location.root))],
    way === undefined ? [] : proxyLines(way, raw.statements),
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
