/** The text that a site becomes. */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { renderNginxSite, type NginxSiteConfig } from "../../../sdk/nginx";
import { THUMBPRINT, sites } from "../../support/nginx/sites";

const tls = { certificate: "/c.pem", certificateKey: "/k.pem" };

function render(site: Partial<NginxSiteConfig> & { nginxVersion?: string }): string {
  return renderNginxSite({ serverNames: ["example.com"], ...site });
}

/** The `server` blocks of a text. */
function blocks(text: string): string[] {
  return text.split(/^(?=server \{)/m);
}

describe("the text of a site", () => {
  for (const [name, site] of Object.entries(sites)) {
    it(`is as in golden/${name}.conf`, async () => {
      await expect(renderNginxSite(site)).toMatchFileSnapshot(
        join(__dirname, "golden", `${name}.conf`),
      );
    });
  }

  it("is the same whenever the values are", () => {
    for (const site of Object.values(sites)) {
      expect(renderNginxSite(structuredClone(site))).toBe(renderNginxSite(site));
    }
  });

  it("ends with one newline and has no trailing spaces", () => {
    for (const site of Object.values(sites)) {
      expect(renderNginxSite(site)).toMatch(/[^\n]\n$/);
      expect(renderNginxSite(site)).not.toMatch(/[ \t]$/m);
    }
  });
});

describe("challenges", () => {
  const challenge = { thumbprint: THUMBPRINT };
  const guard = 'if ($uri ~ "^/\\.well-known/acme-challenge/") {\n        break;\n    }\n';

  it.each([
    "return 301 https://www.example.com$request_uri;",
    "rewrite ^ https://www.example.com permanent;",
    "if ($host = a) { return 301 https://b; }",
    'add_header X-A 1; "return" 404;',
    "include snippets/redirect.conf;",
  ])("are kept from what nginx runs before it looks for a location: %s", (extraConfig) => {
    const text = render({ challenge, tls, redirectToHttps: false, extraConfig });
    for (const block of blocks(text)) {
      expect(block).toContain(guard);
      expect(block.indexOf(guard)).toBeLessThan(block.indexOf(extraConfig));
    }
    expect(render({ extraConfig })).not.toContain("break");
  });

  it.each([
    "set $a b;",
    "location /x { return 404; }",
    "# return 301 /;",
    "add_header A 'return 1;';",
  ])("need no guard against %s", (extraConfig) => {
    expect(render({ challenge, extraConfig })).not.toContain("break");
  });

  it("are answered in every block, also in the one that redirects", () => {
    const all = blocks(render({ challenge, tls }));
    expect(all).toHaveLength(2);
    for (const block of all) expect(block).toContain("location ^~ /.well-known/acme-challenge/ {");
    expect(all[0]).toContain("return 301 https://$host$request_uri;");
  });

  it("come before the redirect, which is in a location of its own", () => {
    const [plain = ""] = blocks(render({ challenge, redirectToHttps: true }));
    expect(plain).toMatch(/location \/ \{\n\s+return 301/);
  });

  it("are kept open where the site asks for a password", () => {
    const text = render({
      challenge: { webroot: "/srv" },
      extraConfig: 'auth_basic "x";\nauth_basic_user_file /x;\nauth_request /check;',
    });
    expect(text).toMatch(/challenge\/ \{\n\s+auth_basic off;\n\s+auth_request off;\n\s+allow all;/);
  });

  it("say nothing of auth_request where nobody uses it, because that module may be missing", () => {
    expect(render({ challenge: { webroot: "/srv" } })).not.toContain("auth_request");
  });
});

describe("redirects", () => {
  it("are the default with tls, and are not without", () => {
    expect(render({ tls, root: "/srv" })).toContain("return 301");
    expect(render({ root: "/srv" })).not.toContain("return 301");
    expect(render({ tls, root: "/srv", redirectToHttps: false })).not.toContain("return 301");
  });

  it("name the TLS port where it is another than 443", () => {
    expect(render({ tls, listen: { https: 8443 } })).toContain("https://$host:8443$request_uri");
    expect(render({ redirectToHttps: true, listen: { https: 8443 } })).toContain(
      "https://$host:8443$request_uri",
    );
  });
});

describe("HTTP/3", () => {
  const listen = { http3: true };
  const QUIC = /listen (\[::\]:)?443 quic;/g;

  it("is offered where the version is known to have it, beside TCP", () => {
    const text = render({ tls: { ...tls, hsts: true }, listen, nginxVersion: "1.25.0" });
    expect(text.match(QUIC)).toHaveLength(2);
    expect(text).toMatch(/listen 443 ssl/);
    expect(text).toContain(`add_header Alt-Svc 'h3=":443"; ma=86400' always;`);
    expect(text).not.toContain("reuseport");
  });

  it.each([undefined, "1.22.1", "1.24.0"])("is not of nginx %s", (nginxVersion) => {
    const text = render({ tls, listen, nginxVersion });
    expect(text).not.toMatch(/quic|Alt-Svc/);
    expect(text).toBe(render({ tls, nginxVersion }));
  });

  it("has a socket for each worker where one site alone can ask for it", () => {
    const text = render({ tls, listen, defaultServer: true, nginxVersion: "1.27.0" });
    expect(text).toContain("listen 443 quic reuseport default_server;");
  });

  it("is told in locations that add headers of their own, unless they tell it", () => {
    const location = (header: string) => ({ path: "/a", extraConfig: `add_header ${header} x;` });
    const site = { tls, listen, nginxVersion: "1.27.0" };
    const repeated = (header: string): number =>
      render({ ...site, locations: [location(header)] }).split("add_header Alt-Svc 'h3").length - 1;
    expect(repeated("Vary")).toBe(2);
    expect(repeated("Alt-Svc")).toBe(1);
  });
});

describe("HTTP/2", () => {
  it.each([
    ["1.25.1", true],
    ["1.25.3.1", true],
    ["1.26.0", true],
    ["2.0.0", true],
    ["1.25.0", false],
    ["1.22.1", false],
    ["1.9.5", false],
    [undefined, false],
  ])("of nginx %s is a directive: %s", (nginxVersion, directive) => {
    const text = render({ tls, ...(nginxVersion === undefined ? {} : { nginxVersion }) });
    expect(text.includes("http2 on;")).toBe(directive);
    expect(text.includes("listen 443 ssl http2;")).toBe(!directive);
  });

  it("is left out where it is not wanted", () => {
    for (const nginxVersion of ["1.22.1", "1.27.0"]) {
      expect(render({ tls, listen: { http2: false }, nginxVersion })).not.toContain("http2");
    }
  });

  it("is nothing for a plain port", () => {
    expect(render({ root: "/srv", nginxVersion: "1.27.0" })).not.toContain("http2");
  });

  it("needs a version that is one", () => {
    expect(() => render({ nginxVersion: "new" })).toThrow(/nginxVersion: must be a version/);
  });
});

describe("listening", () => {
  it.each([
    [{}, ["80", "[::]:80"]],
    [{ ipv6: false }, ["80"]],
    [{ http: 8080 }, ["8080", "[::]:8080"]],
    [{ address: "192.0.2.1" }, ["192.0.2.1:80"]],
    [{ address: "2001:DB8::1" }, ["[2001:db8::1]:80"]],
    [{ address: "[::1]" }, ["[::1]:80"]],
    [{ address: "192.0.2.1", ipv6: true }, ["192.0.2.1:80", "[::]:80"]],
    [{ address: "127.0.0.1", ipv6: true }, ["127.0.0.1:80", "[::1]:80"]],
  ])("%j is at %j", (listen, addresses) => {
    const found = [...render({ listen }).matchAll(/listen (\S+);/g)].map(([, address]) => address);
    expect(found).toEqual(addresses);
  });
});

describe("strict transport security", () => {
  it("is sent by the TLS block alone (RFC 6797 §7.2)", () => {
    const [plain, secure] = blocks(render({ tls: { ...tls, hsts: true }, redirectToHttps: false }));
    expect(plain).not.toContain("Strict-Transport-Security");
    expect(secure).toContain('add_header Strict-Transport-Security "max-age=31536000" always;');
  });

  it("can be taken back with an age of zero", () => {
    expect(render({ tls: { ...tls, hsts: { maxAge: "0s" } } })).toContain('"max-age=0"');
  });

  it("is repeated in a location that adds headers of its own, which would hide it", () => {
    const text = render({
      tls: { ...tls, hsts: true },
      locations: [{ path: "/a", extraConfig: "add_header X-A b;" }],
    });
    expect(text.match(/Strict-Transport-Security/g)).toHaveLength(2);
  });
});

describe("what nobody answers for", () => {
  it("is 404 where only the path / itself has its location", () => {
    expect(render({ locations: [{ path: "= /", return: "200 ok" }] })).toContain("return 404");
  });

  it("is 404 instead of nginx's welcome page", () => {
    expect(render({ challenge: { thumbprint: THUMBPRINT } })).toMatch(
      /location \/ \{\n\s+return 404;/,
    );
  });

  it.each([
    { root: "/srv" },
    { proxyPass: "http://127.0.0.1:1" },
    { locations: [{ path: "/", return: "200 ok" }] },
    { locations: [{ path: " ^~ /", return: "200 ok" }] },
    { extraConfig: "include snippets/site.conf;" },
    { extraConfig: "location / { return 200; }" },
  ])("is left to %j", (content) => {
    expect(render(content)).not.toContain("return 404");
  });
});

describe("extraConfig", () => {
  it("takes the place of our defaults, which nginx would call duplicates", () => {
    const text = render({
      tls,
      extraConfig: "ssl_session_cache shared:mine:5m;\nssl_protocols TLSv1.3;",
    });
    expect(text.match(/ssl_session_cache/g)).toHaveLength(1);
    expect(text.match(/ssl_protocols/g)).toHaveLength(1);
    const proxy = render({
      locations: [
        {
          path: "/",
          proxyPass: "http://127.0.0.1:1",
          extraConfig: "proxy_http_version 1.0; proxy_set_header host x;",
        },
      ],
    });
    expect(proxy.match(/proxy_http_version/g)).toHaveLength(1);
    expect(proxy.match(/proxy_set_header host/gi)).toHaveLength(1);
  });

  it("may add headers for the server behind without losing ours", () => {
    const text = render({
      proxyPass: "http://127.0.0.1:1",
      extraConfig: "proxy_set_header X-Own 1;",
    });
    expect(text).toMatch(/\n {4}proxy_set_header Host \$host;\n/);
    expect(text).toMatch(/location \/ \{\n\s+proxy_pass http:\/\/127.0.0.1:1;\n\s+\}/);
  });

  it("is not changed inside of quotes", () => {
    expect(render({ extraConfig: "return 200 'a\n  b';" })).toContain("return 200 'a\n  b';");
  });
});
