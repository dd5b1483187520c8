/** Real nginx reads what `renderNginxSite` writes: each form, and whatever a person may write into a value. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderNginxSite, type NginxSiteConfig } from "../../sdk/nginx";
import { sites } from "../support/nginx/sites";
import {
  nginxBinaries,
  nginxCheck,
  onHighPorts,
  structureOf,
  type NginxCheck,
} from "../support/nginx/nginx-check";

/** Two pairs in `folder`, as the sites name them. */
function makePairs(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const pair = (key: readonly string[], keyFile: string, certificate: string): void => {
    const files = ["-keyout", join(folder, keyFile), "-out", join(folder, certificate)];
    const args = ["req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=example.com", ...files];
    execFileSync("openssl", [...args, "-newkey", ...key], { stdio: "ignore" });
  };
  const ecdsa = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"];
  pair(ecdsa, "privkey.pem", "fullchain.pem");
  pair(ecdsa, "ecdsa.key", "ecdsa.pem");
  pair(["rsa:2048"], "rsa.key", "rsa.pem");
}

it("a directive that came in would be seen", () => {
  const plain = structureOf('server { root "/a;} server { listen 1;"; }');
  expect(plain).toBe("server { root }");
  expect(structureOf('server { root "/a"; listen 1; }')).not.toBe(plain);
  expect(structureOf('server { root "/a"; } server { root "/a"; }')).not.toBe(plain);
});

for (const [title, binary] of Object.entries(nginxBinaries)) {
  describe(`the nginx ${title}`, () => {
    let check: NginxCheck;
    beforeAll(async () => {
      check = await nginxCheck(binary);
      makePairs(join(check.folder, "pairs"));
    });
    afterAll(() => check[Symbol.asyncDispose]());

    for (const [name, site] of Object.entries(sites)) {
      const newest = title === "that is newest";
      // `http2 on` is unknown to old ones; that is what versions are for.
      const nginxVersion = newest ? "1.31.3" : "1.22.1";
      it(`takes ${name}`, async () => {
        const text = onHighPorts(renderNginxSite({ ...site, nginxVersion }));
        const there = text.replaceAll("/etc/ssl/example/", `${check.folder}/pairs/`);
        const block = site.stream === undefined ? "http" : "stream";
        const complaint = await check.complaint(there, block);
        // Self-signed certificates name no responder.
        const rest = complaint?.split("\n").filter((line) => !/"ssl_stapling" ignored/.test(line));
        expect(rest ?? []).toEqual([]);
      });
    }

    it("takes two files with the same names, each with WebSockets", async () => {
      const site = sites["servers-behind-with-websockets"] ?? { serverNames: [] };
      const text = (port: number) =>
        renderNginxSite({
          ...site,
          tls: undefined,
          upstreams: undefined,
          locations: [],
          proxyPass: "http://127.0.0.1:3000",
          listen: { http: port, ipv6: false },
        });
      expect(await check.complaint(text(18080) + text(18081))).toBeUndefined();
    });

    it("is told of HTTP/3 where it has it", async () => {
      const at = (name: string): string => `${check.folder}/pairs/${name}`;
      const text = renderNginxSite({
        serverNames: ["example.com"],
        tls: { certificate: at("fullchain.pem"), certificateKey: at("privkey.pem") },
        listen: { http3: true, http2: false },
        nginxVersion: "1.31.3",
      });
      const complaint = await check.complaint(onHighPorts(text));
      // Neither was built with it: this is all that they say.
      expect(complaint).toMatch(/(invalid parameter "quic"|the "quic" parameter requires).*:\d+$/);
      expect(complaint?.split("\n")).toHaveLength(1);
    });

    it("takes the text for a version that is not known", async () => {
      const site = sites["both-blocks-in-one-file"] ?? { serverNames: [] };
      const text = onHighPorts(renderNginxSite({ ...site, nginxVersion: undefined }));
      const complaint = await check.complaint(
        text.replaceAll("/etc/ssl/example/", `${check.folder}/pairs/`),
      );
      // A current nginx takes it with a warning.
      expect(complaint ?? "").not.toMatch(/emerg/);
    });

    /** Any text, and texts that are near to what gets through. */
    const hostile = (...beginnings: readonly string[]): fc.Arbitrary<string> => {
      const pieces = fc.constantFrom(
        ..."\"'\\;{}#$ \n\t\r/*~^@=:.-_%\u0000ü".split(""),
        ..."; } server { listen 1;|${host}|$host|\\\"|\\'|include /x;|www|example.com|a".split("|"),
      );
      // Few of a kind, so that those that matter together stand together.
      const dense = fc.constantFrom(...Array.from('\\\\\\""\';{}$ a/'));
      const text = fc.oneof(
        fc.string({ unit: dense, maxLength: 12 }),
        fc.string({ unit: "binary", maxLength: 40 }),
        fc.array(pieces, { maxLength: 10 }).map((parts) => parts.join("")),
      );
      return fc
        .tuple(fc.constantFrom("", ...beginnings), text)
        .map(([beginning, rest]) => beginning + rest);
    };

    /** Complaints that a text may earn without being misread, because they concern what only a host can know. */
    const fields: readonly (readonly [
      name: string,
      values: fc.Arbitrary<string>,
      benign: readonly string[],
      place: (value: string) => Partial<NginxSiteConfig>,
      excused?: RegExp,
    ])[] = [
      [
        "serverNames",
        hostile("a", "*.", "[::1]"),
        ["a.example"],
        (value) => ({ serverNames: [value] }),
      ],
      ["root", hostile("/"), ["/a"], (value) => ({ root: value })],
      ["challenge.webroot", hostile("/"), ["/a"], (value) => ({ challenge: { webroot: value } })],
      [
        "challenge.thumbprint",
        hostile("abc"),
        ["abc"],
        (value) => ({ challenge: { thumbprint: value } }),
      ],
      [
        "proxyPass",
        hostile("http://127.0.0.1", "http://127.0.0.1/", "http://$", "https://unix:/a"),
        ["http://127.0.0.1", "https://127.0.0.1"],
        (value) => ({ proxyPass: value }),
        /host not found|unknown "\w+" variable|no resolver defined|too long path/,
      ],
      [
        "locations[].path",
        hostile("/", "= /", "^~ /", "~ ", "~* ", "@a"),
        ["/a", "/"],
        (value) => ({ locations: [{ path: value, return: "404" }] }),
        /pcre2?_compile\(\) failed|location is outside|conflicting parameter/,
      ],
      [
        "locations[].return",
        hostile("200 ", "301 https://", "https://", '200 "'),
        ["200 a"],
        (value) => ({ locations: [{ path: "/a", return: value }] }),
        /unknown "\w+" variable/,
      ],
      [
        "tls.ciphers",
        hostile("ECDHE", "HIGH:"),
        ["HIGH"],
        (value) => ({ tls: { ...tls, ciphers: value } }),
        /SSL_CTX_set_cipher_list/,
      ],
      [
        "tls.certificate",
        hostile("/"),
        ["/a"],
        (value) => ({ tls: { certificate: value, certificateKey: "/a" } }),
        /cannot load certificate/,
      ],
      [
        "tls.sessionCache",
        hostile("shared:a:1m", "builtin:"),
        ["shared:a:1m"],
        (value) => ({ tls: { ...tls, sessionCache: value } }),
        /cannot load certificate|is too small|invalid/,
      ],
      [
        "tls.clientCertificate.ca",
        hostile("/"),
        ["/a"],
        (value) => ({ tls: { ...tls, clientCertificate: { ca: value } } }),
        /SSL_load_client_CA_file|load_verify_locations|cannot load certificate/,
      ],
      [
        "upstreams[].servers[]",
        hostile("127.0.0.1", "127.0.0.1:1", "[::1]:1", "unix:/a", "a"),
        ["127.0.0.1", "[::1]:1"],
        (value) => ({ upstreams: [{ name: "a", servers: [value] }], root: "/a" }),
        /host not found|too long path|no host|invalid/,
      ],
      [
        "upstreams[].name",
        hostile("a", "a.b"),
        ["a"],
        (value) => ({ upstreams: [{ name: value, servers: ["127.0.0.1"] }], root: "/a" }),
      ],
      [
        "listen.address",
        hostile("127.0.0.1", "::1"),
        ["127.0.0.1"],
        (value) => ({ listen: { address: value } }),
        /bind\(\)/,
      ],
    ];
    const tls = { certificate: "PAIRS/fullchain.pem", certificateKey: "PAIRS/privkey.pem" };

    for (const [name, values, benign, place, excused] of fields) {
      it(`takes any ${name} that is not refused, and no directive comes in by it`, async () => {
        let taken = 0;
        const render = (value: string): string => {
          const placed = place(value);
          const own = JSON.parse(
            JSON.stringify(placed).replaceAll("PAIRS", `${check.folder}/pairs`),
          ) as Partial<NginxSiteConfig>;
          const site: NginxSiteConfig = {
            serverNames: ["example.com"],
            ...own,
            listen: { http: 18080, https: 18443, ipv6: false, ...own.listen },
          };
          return renderNginxSite({ ...site, nginxVersion: "1.22.1" });
        };
        const structures = benign.map((value) => structureOf(render(value)));
        const property = fc.asyncProperty(values, async (value) => {
          let text: string;
          try {
            text = render(value);
          } catch (error) {
            expect(error).toHaveProperty("name", "ConfigurationError");
            return;
          }
          taken++;
          expect(structures).toContain(structureOf(text));
          const complaint = (await check.complaint(text)) ?? "";
          const rest = complaint
            .split("\n")
            .filter((line) => line !== "" && !/deprecated/.test(line))
            .filter((line) => excused?.test(line) !== true);
          expect(rest, text).toEqual([]);
        });
        await fc.assert(property, { numRuns: 80, examples: benign.map((value) => [value]) });
        expect(taken).toBeGreaterThan(0);
      });
    }
  });
}
