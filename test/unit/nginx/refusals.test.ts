/** What cannot be rendered, and how that is said. */
import { describe, expect, it } from "vitest";
import { renderNginxSite, type NginxSiteConfig } from "../../../sdk/nginx";
import { siteProblems } from "../../../sdk/nginx/validate";

const tls = { certificate: "/c.pem", certificateKey: "/k.pem" };

function problems(site: object): string[] {
  const config = { serverNames: ["example.com"], ...site } as NginxSiteConfig;
  return siteProblems(config).map(({ path, reason }) => `${path}: ${reason}`);
}

describe("a site that cannot be rendered", () => {
  it.each([
    [{ serverNames: [] }, /^serverNames: must have at least one name/],
    [{ serverNames: undefined }, /^serverNames: is missing/],
    [{ serverNames: "example.com" }, /^serverNames: must be a list/],
    [{ serverNames: ["a.example", ""] }, /^serverNames\[1\]: is empty/],
    [{ serverNames: ["a b"] }, /not a DNS name/],
    [{ serverNames: ["a;b"] }, /not a DNS name/],
    [{ serverNames: ["a.*.example"] }, /whole first label/],
    [{ serverNames: ["*"] }, /whole first label/],
    [{ serverNames: [".example.com"] }, /as two names/],
    [{ serverNames: ["~^www"] }, /regular expressions are not taken/],
    [{ serverNames: ["www.example.*"] }, /neither a name nor an IP address/],
    [{ serverNames: ["256.1.1.1"] }, /not/],
    [{ serverNames: ["fe80::1%eth0"] }, /is not an IP address/],
    [{ serverNames: ["$hostname"] }, /not a DNS name/],
    [{ root: "srv" }, /^root: must be an absolute path/],
    [{ root: "" }, /^root: is empty/],
    [{ root: "/srv/$host" }, /^root: contains a \$/],
    [{ root: "/a\nb" }, /^root: contains a control character/],
    [{ root: "/\ud800" }, /^root: is not valid Unicode/],
    [{ root: `/${"a".repeat(3000)}` }, /^root: is longer than 2000 bytes/],
    [{ root: 1 }, /^root: must be a text/],
    [{ root: "/a", proxyPass: "http://a" }, /^proxyPass: answers the same requests as root/],
    [{ proxyPass: "127.0.0.1:80" }, /^proxyPass: must be a URL/],
    [{ proxyPass: "http://a:99999" }, /port from 1 to 65535/],
    [{ proxyPass: "http://user@a" }, /must name a host/],
    [{ proxyPass: "http://[::g]" }, /must name a host/],
    [{ proxyPass: "http://a/b c" }, /percent-encode/],
    [{ proxyPass: "http://$/" }, /begins no variable/],
    [{ challenge: {} }, /^challenge: exactly one of/],
    [{ challenge: { thumbprint: "a", webroot: "/a" } }, /^challenge: exactly one of/],
    [{ challenge: { thumbprint: 'a"; return 200 "b' } }, /^challenge.thumbprint: must be/],
    [{ challenge: { webroot: "a" } }, /^challenge.webroot: must be an absolute path/],
    [{ tls: { ...tls, certificate: "c.pem" } }, /^tls.certificate: must be an absolute path/],
    [{ tls: { ...tls, certificateKey: "engine:x" } }, /^tls.certificateKey: must be an absolute/],
    [{ tls: { ...tls, certificate: "/$ssl_server_name.pem" } }, /^tls.certificate: contains a \$/],
    [{ tls: { certificate: "/c" } }, /^tls.certificateKey: is missing/],
    [{ tls: { ...tls, certificate: ["/a", "/b"] } }, /^tls.certificateKey: has 1 of the 2 keys/],
    [{ tls: { certificate: [], certificateKey: [] } }, /^tls.certificate: must have at least one/],
    [{ tls: { ...tls, protocols: ["SSLv3"] } }, /^tls.protocols\[0\]: must be one of TLSv1,/],
    [{ tls: { ...tls, protocols: [] } }, /^tls.protocols: must have at least one/],
    [{ tls: { ...tls, ciphers: "A;B" } }, /^tls.ciphers: must be a cipher list/],
    [{ tls: { ...tls, sessionCache: "shared:x" } }, /^tls.sessionCache: must be/],
    [{ tls: { ...tls, hsts: {} } }, /^tls.hsts.maxAge: is missing/],
    [{ tls: { ...tls, hsts: { maxAge: "long" } } }, /^tls.hsts.maxAge: must be a duration/],
    [{ listen: { http: 0 } }, /^listen.http: must be a port/],
    [{ listen: { http: 80.5 } }, /^listen.http: must be a port/],
    [{ listen: { http: false } }, /^listen.http: must not be false without tls/],
    [{ listen: { https: false }, tls }, /^listen.https: must be a port/],
    [{ listen: { http: 443 }, tls }, /^listen.https: is the same port/],
    [{ listen: { address: "localhost" } }, /^listen.address: "localhost" is not an IP address/],
    [{ listen: { address: "::1", ipv6: false } }, /^listen.ipv6: is false, but/],
    [{ tls, rejectHandshake: true }, /^rejectHandshake: refuses what tls would serve/],
    [{ rejectHandshake: true, listen: { http: 443 } }, /^listen.https: is the same port/],
    [{ websocket: true, root: "/a" }, /^websocket: needs a proxyPass/],
    [{ locations: [{ path: "/", websocket: true }] }, /^locations\[0\].websocket: needs a proxy/],
    [{ tls: { ...tls, clientCertificate: {} } }, /^tls.clientCertificate.ca: is missing/],
    [
      { tls: { ...tls, clientCertificate: { ca: "/$x" } } },
      /^tls.clientCertificate.ca: contains a/,
    ],
    [
      { tls: { ...tls, clientCertificate: { ca: "/a", verify: "off; }" } } },
      /^tls.clientCertificate.verify: must be "on" or/,
    ],
    [
      { tls: { ...tls, clientCertificate: { ca: "/a", depth: 1.5 } } },
      /^tls.clientCertificate.depth: must be a whole number/,
    ],
    [{ tls: { ...tls, trustedCertificate: "a" } }, /^tls.trustedCertificate: must be an absolute/],
    [{ upstreams: [{ servers: ["a"] }] }, /^upstreams\[0\].name: is missing/],
    [{ upstreams: [{ name: "a b", servers: ["a"] }] }, /^upstreams\[0\].name: must be letters/],
    [{ upstreams: [{ name: "a", servers: [] }] }, /^upstreams\[0\].servers: must have at least/],
    [
      { upstreams: [{ name: "a", servers: ["a;"] }] },
      /^upstreams\[0\].servers\[0\]: must be a host/,
    ],
    [{ upstreams: [{ name: "a", servers: ["$a"] }] }, /servers\[0\]: contains a \$/],
    [{ upstreams: [{ name: "a", servers: ["unix:a"] }] }, /servers\[0\]: must be a host/],
    [{ upstreams: [{ name: "a", servers: [{}] }] }, /servers\[0\].address: is missing/],
    [
      { upstreams: [{ name: "a", servers: [{ address: "a", weight: 0 }] }] },
      /servers\[0\].weight: must be a whole number from 1/,
    ],
    [
      { upstreams: [{ name: "a", servers: [{ address: "a", failTimeout: "1s max_conns=1" }] }] },
      /servers\[0\].failTimeout: must be a duration/,
    ],
    [
      { upstreams: [{ name: "a", servers: ["a"], loadBalancing: "fair" }] },
      /loadBalancing: must be one of least_conn/,
    ],
    [{ upstreams: [{ name: "a", servers: ["a"], keepalive: 0 }] }, /keepalive: must be a whole/],
    [
      {
        upstreams: [
          { name: "a", servers: ["a"] },
          { name: "a", servers: ["b"] },
        ],
      },
      /^upstreams\[1\].name: is the name of another group/,
    ],
    [{ stream: {} }, /^stream.port: is missing/],
    [{ stream: { port: 0, proxyPass: "a:1" } }, /^stream.port: must be a port/],
    [
      { stream: { port: 1, proxyPass: "http://a" } },
      /^stream.proxyPass: must be a host and a port/,
    ],
    [{ stream: { port: 1, proxyPass: "a" } }, /^stream.proxyPass: must be a host and a port/],
    [{ stream: { port: 1, proxyPass: "a:1" }, root: "/a" }, /^root: does not belong to a stream/],
    [
      { stream: { port: 1, proxyPass: "a:1" }, listen: { https: 2 } },
      /^listen.https: does not belong to a stream.*stream.port/,
    ],
    [
      { stream: { port: 1, proxyPass: "a:1" }, tls: { ...tls, hsts: true } },
      /^tls.hsts: does not belong to a stream/,
    ],
    [
      {
        stream: { port: 1, proxyPass: "a" },
        upstreams: [{ name: "a", servers: ["b:1"], loadBalancing: "ip_hash", keepalive: 1 }],
      },
      /loadBalancing: cannot be ip_hash in a stream/,
    ],
    [{ locations: [{}] }, /^locations\[0\].path: is missing/],
    [{ locations: [{ path: "a" }] }, /^locations\[0\].path: must begin with \//],
    [{ locations: [{ path: "~ " }] }, /no regular expression/],
    [{ locations: [{ path: "/a" }, { path: "^~ /a" }] }, /same location as locations\[0\]/],
    [
      { locations: [{ path: "/" }], proxyPass: "http://a" },
      /same location as the site's proxyPass/,
    ],
    [
      { locations: [{ path: "/.well-known/acme-challenge/" }], challenge: { thumbprint: "a" } },
      /same location as the challenge's location/,
    ],
    [
      { locations: [{ path: "/", root: "/a", return: "200" }] },
      /^locations\[0\]: has root and return/,
    ],
    [{ locations: [{ path: "~ a", proxyPass: "http://a/b" }] }, /must not have a path here/],
    [{ locations: [{ path: "@a", proxyPass: "http://a/" }] }, /must not have a path here/],
    [{ locations: [{ path: "/", return: "hello" }] }, /^locations\[0\].return: must be a code/],
    [{ locations: [{ path: "/", return: "200 $" }] }, /begins no variable/],
    [{ extraConfig: "gzip on" }, /^extraConfig: ends within a directive/],
    [{ extraConfig: "gzip on; }" }, /^extraConfig: has a } without its {/],
    [{ extraConfig: "if ($a) { return 404;" }, /^extraConfig: has a { without its }/],
    [{ extraConfig: "if ($a) { return 404 }" }, /^extraConfig: has a } where a ; is missing/],
    [{ extraConfig: 'add_header a "b;' }, /^extraConfig: has a quote/],
    [{ extraConfig: "; gzip on;" }, /^extraConfig: has a ; without a directive/],
    [{ extraConfig: "gzip on;\u0000" }, /^extraConfig: contains a control character/],
    [{ locations: [{ path: "/", extraConfig: "}" }] }, /^locations\[0\].extraConfig: has a }/],
  ])("%j", (site, expected) => {
    expect(problems(site)).toContainEqual(expect.stringMatching(expected));
    expect(() =>
      renderNginxSite({ serverNames: ["example.com"], ...site } as NginxSiteConfig),
    ).toThrow(/^nginx site: /);
  });

  it("is told of everything at once", () => {
    const site = { serverNames: ["a b"], root: "x", extraConfig: "}" };
    expect(problems(site)).toHaveLength(3);
    expect(() => renderNginxSite(site)).toThrow(/serverNames\[0\].*; root.*; extraConfig/);
  });
});

describe("a site that can", () => {
  it.each([
    { proxyPass: "http://app_backend" },
    { proxyPass: "http://[::1]:3000/x" },
    { proxyPass: "http://unix:/run/a.sock:/b" },
    { proxyPass: "$scheme://$backend$request_uri" },
    { locations: [{ path: "~ a", proxyPass: "http://$backend/b" }] },
    { locations: [{ path: "= /" }, { path: "/" }, { path: "~ x" }, { path: "~ x" }] },
    { locations: [{ path: "/", return: "200 '$host {;}'" }] },
    { serverNames: ["_", "my_host.internal", "münchen.example", "*.example.com"] },
    { tls: { ...tls, sessionCache: "builtin:1000 shared:SSL:10m" } },
    { extraConfig: "# a } in a comment\nset $a '}';\nset $b ${a}x\\;y;\n" },
    {
      extraConfig:
        'content_by_lua_block {\n  local t = { "}" } -- }\n  ngx.say([[}]])\n}\ngzip on;',
    },
    {
      extraConfig:
        'content_by_lua_block { --[==[ } ]] ]==] local s = [=[ } ]] ]=] .. "\\"}" .. \'}\' }\ngzip on;',
    },
  ])("%j", (site) => {
    expect(problems(site)).toEqual([]);
  });

  it("may hold what is not known yet", () => {
    const unknown = "?";
    const known = (value: unknown): boolean => !JSON.stringify(value ?? null).includes('"?"');
    const site = {
      serverNames: ["example.com", unknown],
      challenge: { thumbprint: unknown },
      tls: { certificate: unknown, certificateKey: unknown, hsts: unknown },
      listen: { http: unknown, https: unknown, address: unknown, ipv6: false },
      root: unknown,
      locations: [{ path: unknown, proxyPass: unknown }, unknown],
      extraConfig: unknown,
    } as unknown as NginxSiteConfig;
    expect(siteProblems(site, known)).toEqual([]);
    const whole = { serverNames: unknown, tls: unknown, listen: unknown, locations: unknown };
    expect(siteProblems(whole as unknown as NginxSiteConfig, known)).toEqual([]);
  });
});
