/** nginx's text, as users write it and as a host's nginx speaks. */
import { askNginx } from "../../sdk/nginx/commands";
import { emergenciesCommand, emergenciesWithin } from "../../sdk/nginx/error-log";
import { adviceAbout, readIncludes } from "../../sdk/nginx/includes";
import { warningsAbout } from "../../sdk/nginx/warnings";
import { conceal } from "../../sdk/provider/config-file/conceal";
import { ownerOf } from "../../sdk/provider/config-file/first-line";
import { readRaw } from "../../sdk/nginx/raw";
import { renderNginxSite } from "../../sdk/nginx/render";
import { readLocationPath, readReturn, sessionCacheProblem } from "../../sdk/nginx/values";
import { readVersion } from "../../sdk/nginx/version";
import { ConfigurationError } from "../../sdk/util/errors";
import type { Parser } from "./parser";

export const nginxParsers: readonly Parser[] = [
  {
    name: "nginx directives",
    read: (text) => [
      readRaw(text),
      renderNginxSite({ serverNames: ["a.example"], root: "/srv", extraConfig: text }),
    ],
    examples: [
      "add_header X \"a;{}\" always;\nlocation /x { return 200 '}'; } # {\n",
      'access_by_lua_block { --[[ } ]] local s = [==[ } ]==] .. "\\"}" }\n',
    ],
    errors: [ConfigurationError],
    openings: [
      "access_by_lua_block {",
      "access_by_lua_block {--[[",
      'access_by_lua_block {"',
      "a '",
      "a ",
    ],
  },
  {
    name: "names of a site",
    read: (text) =>
      renderNginxSite({ serverNames: [text, "a.example"], proxyPass: `http://${text}` }),
    examples: ["b.example", "[2001:db8::1]"],
    errors: [ConfigurationError],
    openings: ["unix:/"],
  },
  {
    name: "TLS of a site",
    read: (text) => {
      const pair = { certificate: `/${text}`, certificateKey: "/k" };
      const site = { serverNames: ["a.example"], root: "/srv" };
      return [
        renderNginxSite({ ...site, tls: { ...pair, ciphers: text } }),
        sessionCacheProblem(text),
      ];
    },
    examples: ["ECDHE+AESGCM:!aNULL", "shared:web:10m"],
    errors: [ConfigurationError],
    openings: ["builtin ", "shared:x:1"],
  },
  {
    name: "a location",
    read: readLocationPath,
    examples: ["~* \\.png$", "^~ /x"],
  },
  { name: "a return", read: readReturn, examples: ['200 "a\\n"', "301 https://$host$request_uri"] },
  {
    name: "nginx -v",
    read: readVersion,
    examples: ["nginx version: nginx/1.22.1 (Debian)\n", "openresty/1.25.3.1"],
    openings: ["nginx/", "nginx/1."],
  },
  {
    name: "what nginx includes",
    read: (text) => adviceAbout({ configFile: "/etc/nginx/x.conf" }, readIncludes(text)),
    examples: ["http /etc/nginx/conf.d/*.conf\nmain '/etc/nginx/modules-enabled/*.conf'\n"],
  },
  {
    name: "a service's words about a secret configuration",
    read: (text) => [conceal(text, "password Tr0ub4dor", ["/x"]), conceal("password", text, [])],
    examples: ["unknown keyword 'Tr0ub4dor' in /x:2"],
    openings: ["pass", "word Tr"],
  },
  {
    name: "nginx -t",
    read: (text) => warningsAbout(text, { configFile: "/x.conf", serverNames: ["a.example"] }),
    examples: [
      'nginx: [warn] conflicting server name "a.example" on 0.0.0.0:80, ignored\n',
      'nginx: [warn] 1#1: "ssl" is deprecated in /etc/nginx/sites-enabled/x.conf:3\n',
    ],
    openings: ["[warn] ", "[warn] a in /"],
  },
  {
    name: "nginx's error log",
    read: (text) => [emergenciesWithin(1000, text), emergenciesCommand(text)],
    examples: ["2026/11/27 07:09:00\n2026/11/27 07:09:00 [emerg] 1#1: bind() failed\n", "nginx -t"],
    openings: ["2026/11/27 07:09:00\n2026/11/27 07:09:00 [emerg] ", "sudo "],
  },
  {
    name: "the first line of a site's file",
    read: ownerOf,
    examples: ["# Managed by pulumi-acme, changes are overwritten. Owner: token urn:pulumi:x"],
    openings: ["# Managed by pulumi-acme, changes are overwritten. Owner: "],
  },
  {
    name: "a command that tests nginx",
    read: (text) => askNginx(text, "-v"),
    examples: ["docker exec web nginx -t", "/opt/nginx/sbin/nginx -t -c /x"],
    openings: ["nginx "],
  },
];
