import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTcpServer, type AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { checkHttp01 } from "../../../../sdk/challenges/http-01";
import type { Proof } from "../../../../sdk/challenges/solver";
import { dnsServer } from "../../../support/dns/dns-server";
import { freePort } from "../../../support/process/ports";
import { context, proofOf } from "../../../support/ca/proofs";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function web(handler: RequestListener, address = "127.0.0.1", port = 0): Promise<number> {
  const server: Server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, address, resolve));
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function dns(
  records: Record<string, readonly string[] | "nxdomain" | "silent">,
): Promise<string[]> {
  const server = await dnsServer(records);
  cleanUps.push(server.stop);
  return [server.address];
}

/** The surroundings of a check, in which waiting takes no time. */
function surroundings() {
  return { ...context(), pause: () => Promise.resolve() };
}

/** A web server that answers as it should for `proofs`, with what it was asked for. */
function good(proofs: readonly Proof[], asked: string[] = []): RequestListener {
  return (request, response) => {
    asked.push(`${request.headers.host ?? ""}${request.url ?? ""}`);
    const proof = proofs.find(({ token }) => request.url?.endsWith(token) === true);
    response.writeHead(proof === undefined ? 404 : 200).end(proof?.keyAuthorization);
  };
}

describe("asking for an http-01 challenge before the CA does", () => {
  it("passes when the answer is right, asking the name as the CA will", async () => {
    const proofs = [proofOf("a.example"), proofOf("b.example")];
    const asked: string[] = [];
    const httpPort = await web(good(proofs, asked));
    const resolvers = await dns({ "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"] });
    const words = surroundings();
    await checkHttp01(proofs, { ...words, httpPort, resolvers });
    expect(asked.sort()).toEqual(
      proofs.map(
        ({ identifier, token }) =>
          `${identifier.value}:${String(httpPort)}/.well-known/acme-challenge/${token}`,
      ),
    );
    expect(words.warn).not.toHaveBeenCalled();
  });

  it("asks an address that is to be certified itself", async () => {
    const proof = proofOf("127.0.0.1", "ip");
    const httpPort = await web(good([proof]));
    await checkHttp01([proof], { ...surroundings(), httpPort });
  });

  it("overlooks white space after the answer, as CAs do", async () => {
    const proof = proofOf("127.0.0.1", "ip");
    const httpPort = await web((_request, response) =>
      response.end(`${proof.keyAuthorization}\r\n \n`),
    );
    await checkHttp01([proof], { ...surroundings(), httpPort });
  });

  it("follows redirects to other hosts, on the ports that the CA asks", async () => {
    const proof = proofOf("a.example");
    const target = await web(good([proof]));
    const httpPort = await web((request, response) => {
      response
        .writeHead(302, { Location: `http://b.example:${String(target)}${request.url ?? ""}` })
        .end();
    });
    const resolvers = await dns({ "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"] });
    await checkHttp01([proof], { ...surroundings(), httpPort, tlsPort: target, resolvers });
  });

  it.each([
    [
      "another port (acme.sh#2418)",
      "http://a.example:9443/x",
      "and public CAs ask ports 80 and 443 only",
    ],
    [
      "an address",
      "http://169.254.169.254/latest/meta-data/",
      "and public CAs follow to names only",
    ],
    ["an IPv6 address", "http://[fd00:ec2::254]/", "and public CAs follow to names only"],
    ["a name without a dot", "http://metadata/", "a name that is not in the public DNS"],
    ["a private name", "http://metadata.internal/", "a name that is not in the public DNS"],
  ])(
    "does not follow a redirect to %s, and says that private CAs may",
    async (_what, to, words) => {
      const httpPort = await web((_q, response) => response.writeHead(302, { Location: to }).end());
      const resolvers = await dns({ "a.example": ["127.0.0.1"] });
      const context = surroundings();
      await checkHttp01([proofOf("a.example")], { ...context, httpPort, resolvers });
      expect(context.warn.mock.calls).toEqual([
        [
          expect.stringMatching(
            new RegExp(
              `cannot be checked from here, the CA may see more: .* redirects to .*, ${words}`,
            ),
          ),
        ],
      ]);
    },
  );

  it("follows a redirect from an address to the same address", async () => {
    const proof = proofOf("127.0.0.1", "ip");
    const target = await web(good([proof]));
    const httpPort = await web((request, response) => {
      const to = `http://127.0.0.1:${String(target)}${request.url ?? ""}`;
      response.writeHead(301, { Location: to }).end();
    });
    await checkHttp01([proof], { ...surroundings(), httpPort, tlsPort: target });
  });

  it("stops for a name at a link-local address, without asking there", async () => {
    const resolvers = await dns({ "a.example": ["169.254.169.254"] });
    const check = checkHttp01([proofOf("a.example")], { ...surroundings(), resolvers });
    await expect(check).rejects.toThrow(
      "a.example points to 169.254.169.254, a link-local address: no CA asks there",
    );
  });

  it("shows no page to which somebody redirected it", async () => {
    const secret = await web((_q, response) => response.end('{"SecretAccessKey":"wJalrXUt"}'));
    const httpPort = await web((_q, response) =>
      response.writeHead(302, { Location: `http://b.example:${String(secret)}/` }).end(),
    );
    const resolvers = await dns({ "a.example": ["127.0.0.1"], "b.example": ["127.0.0.1"] });
    const options = { ...surroundings(), httpPort, tlsPort: secret, resolvers };
    const check = checkHttp01([proofOf("a.example")], options);
    await expect(check).rejects.toThrow(
      /answered 200 with 30 bytes instead of the key authorization/,
    );
    await expect(check).rejects.not.toThrow("wJalrXUt");
  });

  const wrong: [string, (proof: Proof) => RequestListener, RegExp][] = [
    [
      "a 404",
      () => (_q, r) => r.writeHead(404).end("not here"),
      /answered 404: the web server there does not serve the challenge/,
    ],
    [
      "another page",
      () => (_q, r) => r.end("<html>Welcome</html>"),
      /answered 200 with "<html>Welcome<\/html>" instead of the key authorization/,
    ],
    ["an empty page", () => (_q, r) => r.end(), /with an empty body/],
    [
      "another account's thumbprint",
      (p) => (_q, r) => r.end(`${p.token}.another`),
      /thumbprint of another account/,
    ],
    [
      "redirects without end",
      () => (q, r) => r.writeHead(301, { Location: q.url }).end(),
      /redirects more than 10 times/,
    ],
    [
      "a redirect to nowhere",
      () => (_q, r) => r.writeHead(301, { Location: "ftp://x/" }).end(),
      /something else than http or https/,
    ],
    [
      "a redirect by 303 (CA/Browser Forum ballot SC44)",
      () => (q, r) => r.writeHead(303, { Location: q.url }).end(),
      /with status 303, which CAs do not follow: use 301, 302, 307 or 308/,
    ],
    ["an error", () => (_q, r) => r.writeHead(503).end(), /answered 503/],
  ];
  it.each(wrong)(
    "stops for %s, which the CA would see as well",
    async (_what, handler, expected) => {
      const proof = proofOf("a.example");
      const httpPort = await web(handler(proof));
      const resolvers = await dns({ "a.example": ["127.0.0.1"] });
      const check = checkHttp01([proof], { ...surroundings(), httpPort, resolvers });
      await expect(check).rejects.toMatchObject({
        name: "ChallengeError",
        message: expect.stringMatching(expected) as string,
      });
      await expect(check).rejects.toThrow(/^http-01 for a\.example: .*the CA was not asked/);
    },
  );

  it("gives a web server that is just reloading a moment", async () => {
    const proof = proofOf("127.0.0.1", "ip");
    let requests = 0;
    const httpPort = await web((request, response) => {
      requests += 1;
      if (requests < 2) response.writeHead(404).end();
      else good([proof])(request, response);
    });
    await checkHttp01([proof], { ...surroundings(), httpPort });
    expect(requests).toBe(2);
  });

  it("names every name that is wrong, and only those", async () => {
    const proofs = [proofOf("a.example"), proofOf("b.example"), proofOf("c.example")];
    const httpPort = await web(good(proofs.slice(1, 2)));
    const resolvers = await dns({
      "a.example": ["127.0.0.1"],
      "b.example": ["127.0.0.1"],
      "c.example": "nxdomain",
    });
    const error = await checkHttp01(proofs, { ...surroundings(), httpPort, resolvers }).catch(
      String,
    );
    expect(error).toContain("http-01 for a.example: ");
    expect(error).toContain(
      "http-01 for c.example: DNS knows no such name: create the A or AAAA record",
    );
    expect(error).not.toContain("b.example");
  });

  it("stops for a name without an address", async () => {
    const resolvers = await dns({ "a.example": [] });
    await expect(
      checkHttp01([proofOf("a.example")], { ...surroundings(), resolvers }),
    ).rejects.toThrow("DNS has neither an A nor an AAAA record for it");
  });

  it("stops for a port of the loopback interface that refuses: who asks there is on this machine", async () => {
    const httpPort = await freePort();
    const resolvers = await dns({ "a.example": ["127.0.0.1"] });
    await expect(
      checkHttp01([proofOf("a.example")], { ...surroundings(), httpPort, resolvers }),
    ).rejects.toThrow(/at 127\.0\.0\.1: connection refused/);
  });

  it("only warns when DNS does not answer here", async () => {
    const resolvers = ["127.0.0.1:9"];
    const words = surroundings();
    await checkHttp01([proofOf("a.example")], { ...words, resolvers });
    expect(words.warn).toHaveBeenCalledWith(
      expect.stringMatching(
        /^http-01 for a\.example: cannot be checked from here.*DNS did not answer/,
      ),
    );
  });

  it("only warns when the address cannot be reached from here", async () => {
    const resolvers = await dns({ "a.example": ["255.255.255.255"] });
    const words = surroundings();
    await checkHttp01([proofOf("a.example")], { ...words, resolvers });
    expect(words.warn).toHaveBeenCalledWith(expect.stringContaining("cannot be checked from here"));
  });

  it("only warns when the connection breaks off", async () => {
    const server = createTcpServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    cleanUps.push(() => server.close());
    const httpPort = (server.address() as AddressInfo).port;
    const words = surroundings();
    await checkHttp01([proofOf("127.0.0.1", "ip")], { ...words, httpPort });
    expect(words.warn).toHaveBeenCalledTimes(1);
  });

  it("asks IPv6 first, falls back to IPv4, and warns when IPv6 refuses", async () => {
    const proof = proofOf("a.example");
    const asked: string[] = [];
    const httpPort = await web(good([proof], asked));
    const resolvers = await dns({ "a.example": ["127.0.0.1", "::1"] });
    const words = surroundings();
    await checkHttp01([proof], { ...words, httpPort, resolvers });
    expect(asked).toHaveLength(1);
    expect(words.warn).toHaveBeenCalledWith(
      expect.stringMatching(/at ::1: connection refused \(a CA tries it first\)/),
    );
  });

  it("takes a wrong answer over IPv6 for what it is, though IPv4 would be right", async () => {
    const proof = proofOf("a.example");
    const httpPort = await web(good([proof]));
    await web((_request, response) => response.writeHead(404).end(), "::1", httpPort);
    const resolvers = await dns({ "a.example": ["127.0.0.1", "::1"] });
    const check = checkHttp01([proof], { ...surroundings(), httpPort, resolvers });
    await expect(check).rejects.toThrow(/at ::1 answered 404/);
  });

  it("stops when its caller gives up", async () => {
    const httpPort = await web(() => undefined);
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new Error("no longer"));
    }, 100);
    const words = { ...surroundings(), signal: controller.signal };
    const check = checkHttp01([proofOf("127.0.0.1", "ip")], { ...words, httpPort });
    await expect(check).rejects.toThrow("no longer");
    expect(words.warn).not.toHaveBeenCalled();
  });
});
