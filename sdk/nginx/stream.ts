/** A TCP service. Pure. */
import type { NginxSiteConfig, NginxStream } from "./config";
import { listenLines } from "./listen";
import { readOwn } from "./raw";
import { block, directive, rawLines, word, type Lines } from "./syntax";
import { tlsLines } from "./tls";
import { uniqueWord } from "./values";

export function streamBlock(site: NginxSiteConfig, stream: NginxStream): Lines {
  const { tls, listen, extraConfig } = site;
  const { port, proxyPass, proxyProtocol } = stream;
  const raw = readOwn(extraConfig);
  return block("server", [
    listenLines({ listen }, port, tls === undefined ? "" : " ssl"),
    // A zone of the http block cannot be used here.
    tls === undefined ? [] : tlsLines(tls, `acme_stream_${uniqueWord(site)}`, raw.statements),
    [
      directive("proxy_pass", word(proxyPass)),
      ...(proxyProtocol === true ? [directive("proxy_protocol", "on")] : []),
    ],
    rawLines(extraConfig, raw.quotedNewlines),
  ]);
}
