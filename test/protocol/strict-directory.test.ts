/** Wrong directory URLs, and directories with something missing. */
import { createServer as createHttpServer } from "node:http";

import { connect as tcp, type AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  AcmeConnectionError,
  AcmeProtocolError,
  createAcmeClient,
  getDirectory,
  newOrder,
} from "../../sdk/acme";
import { createFetch } from "../../sdk/http/fetch";
import { ConfigurationError } from "../../sdk/util/errors";
import { freePort } from "../support/process/ports";
import { json } from "../support/ca/strict-server";
import { dnsNames, register } from "../support/ca/issue";
import { startBoth, startWithAccount, withMembers } from "../support/ca/strict";

/** A client of whatever is at this URL. */
function clientOf(directoryUrl: string, caBundlePem?: string) {
  const fetch = createFetch(caBundlePem === undefined ? {} : { caBundlePem });
  onTestFinished(() => fetch.close());
  return createAcmeClient({ directoryUrl, userAgent: "test", fetch, requestTimeoutMs: 5000 });
}

async function started(server: ReturnType<typeof createHttpServer>): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("a directory", () => {
  test("is fetched once, also by many at once, and kept", async () => {
    const { ca, client } = await startBoth();
    const [first, second] = await Promise.all([
      getDirectory(client.client),
      getDirectory(client.client),
    ]);
    expect(first).toBe(second);
    await getDirectory(client.client);
    expect(ca.count("directory")).toBe(1);
    expect(first.meta.caaIdentities).toEqual(["strict.test"]);
    ca.assertNoDeviations();
  });

  test("that one caller gave up is still given to the others", async () => {
    const { ca, client } = await startBoth();
    const impatient = new AbortController();
    ca.on("directory", 1, () => {
      impatient.abort(new Error("too slow"));
      return "silence";
    });
    const first = getDirectory(client.client, { signal: impatient.signal });
    const second = getDirectory(client.client);
    await expect(first).rejects.toThrow("too slow");
    expect((await second).newOrder).toContain("/acme/new-order");
    expect(ca.count("directory")).toBe(2);
  });

  test("that one caller waits for can be given up by another", async () => {
    const { ca, client } = await startBoth();
    ca.on("directory", 1, () => "silence");
    const patient = new AbortController();
    const first = getDirectory(client.client, { signal: patient.signal });
    const impatient = getDirectory(client.client, { signal: AbortSignal.timeout(50) });
    await expect(impatient).rejects.toThrow();
    patient.abort(new Error("over"));
    await expect(first).rejects.toThrow("over");
  });

  test("may lack what is optional, and have what nobody knows", async () => {
    const { ca, client } = await startBoth();
    ca.on("directory", 1, (response) =>
      withMembers(response, {
        meta: undefined,
        keyChange: null,
        revokeCert: 7,
        renewalInfo: undefined,
      }),
    );
    expect(await getDirectory(client.client)).toEqual({
      newNonce: `${ca.baseUrl}/acme/new-nonce`,
      newAccount: `${ca.baseUrl}/acme/new-acct`,
      newOrder: `${ca.baseUrl}/acme/new-order`,
      meta: {
        caaIdentities: [],
        externalAccountRequired: false,
        issuerDomainNames: [],
        profiles: {},
      },
    });
  });

  test("with an endpoint over plain http is refused", async () => {
    const { ca, client } = await startBoth();
    ca.on("directory", "every", (response) =>
      withMembers(response, { newOrder: "http://127.0.0.1/new-order" }),
    );
    await expect(getDirectory(client.client)).rejects.toThrow(
      "the CA handed out a URL that is not https: http://127.0.0.1/new-order",
    );
  });

  test("whose endpoint has moved is fetched again", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", 1, () => ({ status: 404, headers: {}, body: "not here" }));
    ca.on("directory", 1, (response) =>
      withMembers(response, { newOrder: `${ca.baseUrl}/acme/new-order/2` }),
    );
    await newOrder(client.client, credentials, { identifiers: dnsNames("a.example") });
    expect(ca.requests.map(({ path }) => path).slice(-3)).toEqual([
      "/acme/new-order",
      "/directory",
      "/acme/new-order/2",
    ]);
    ca.assertNoDeviations();
  });

  test("is followed through redirects, three at most", async () => {
    const { ca, client } = await startBoth();
    const redirect = (location: string) => () => ({ status: 307, headers: { location }, body: "" });
    ca.instead("directory", 1, redirect("/directory/2"));
    ca.instead("directory", 2, redirect(`${ca.baseUrl}/directory/3`));
    expect((await getDirectory(client.client)).newOrder).toContain("/acme/new-order");
    ca.assertNoDeviations();

    const endless = await startBoth();
    endless.ca.instead("directory", "every", redirect("/directory"));
    await expect(getDirectory(endless.client.client)).rejects.toThrow("does not end");
    expect(endless.ca.count("directory")).toBe(4);

    const plain = await startBoth();
    plain.ca.instead("directory", "every", redirect("http://ca.example/directory"));
    await expect(getDirectory(plain.client.client)).rejects.toThrow("not https");
  });

  test("is never left by a signed request", async () => {
    const { ca, client, credentials } = await startWithAccount();
    ca.instead("newOrder", "every", () => ({
      status: 308,
      headers: { location: `${ca.baseUrl}/acme/new-order` },
      body: "",
    }));
    await expect(
      newOrder(client.client, credentials, { identifiers: dnsNames("a.example") }),
    ).rejects.toThrow("answered a signed request with a redirect");
    expect(ca.count("newOrder")).toBe(1);
  });
});

describe("what is no ACME directory", () => {
  const html = {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "<html>",
  };

  test.each([
    ["HTML", html, "it answered text/html, not a JSON object"],
    ["nothing", { status: 200, headers: {}, body: "" }, "it answered something, not a JSON object"],
    ["404", { status: 404, headers: {}, body: "<h1>Not found</h1>" }, "it answered HTTP 404"],
    ["other JSON", json(200, { hello: "world" }), "it has no newNonce"],
    [
      "the ACME of old",
      json(200, { "new-reg": "https://ca.example/x" }),
      "it has no newNonce (it speaks the version of ACME before RFC 8555)",
    ],
  ])("is told as that: %s", async (_, response, reason) => {
    const { ca, client } = await startBoth();
    ca.instead("directory", "every", () => response);
    const asked = getDirectory(client.client);
    await expect(asked).rejects.toThrow(AcmeProtocolError);
    await expect(asked).rejects.toThrow(
      `acme: ${ca.directoryUrl} is not an ACME directory: ${reason}`,
    );
    await expect(asked).rejects.toThrow("check the directory URL");
    expect(ca.count("directory")).toBe(1);
  });

  test("but a CA that is out of order is one", async () => {
    const { ca, client } = await startBoth();
    ca.instead("directory", 1, () => ({
      status: 503,
      headers: { "retry-after": "3600" },
      body: "",
    }));
    await expect(getDirectory(client.client)).rejects.toThrow(
      /^acme: directory https:.*: HTTP 503 \(try again after /,
    );
  });
});

describe("a directory URL", () => {
  test.each(["http://ca.example/directory", "ftp://ca.example/", "ca.example", ""])(
    "%s is refused",
    (url) => {
      expect(() => clientOf(url)).toThrow(ConfigurationError);
    },
  );

  test("of plain http works on a loopback host", async () => {
    const server = createHttpServer((_, response) => {
      const url = `http://127.0.0.1:${String(port)}/x`;
      response.end(JSON.stringify({ newNonce: url, newAccount: url, newOrder: url }));
    });
    const port = await started(server);
    const directory = await getDirectory(clientOf(`http://127.0.0.1:${String(port)}/directory`));
    expect(directory.newOrder).toBe(`http://127.0.0.1:${String(port)}/x`);
  });

  test.each(["newNonce", "newOrder", "keyChange", "renewalInfo"])(
    "of https lists https URLs alone, on a loopback host, too: not a plain %s",
    async (endpoint) => {
      const { ca, client } = await startBoth();
      const plain = `${ca.baseUrl.replace("https:", "http:")}/x`;
      ca.on("directory", "every", (response) => withMembers(response, { [endpoint]: plain }));
      await expect(getDirectory(client.client)).rejects.toThrow(
        `the CA handed out a URL that is not https: ${plain}`,
      );
    },
  );

  test("where nothing listens says so", async () => {
    const port = String(await freePort());
    await expect(getDirectory(clientOf(`https://127.0.0.1:${port}/`))).rejects.toThrow(
      `acme: directory https://127.0.0.1:${port}/: 127.0.0.1:${port} refuses the connection; check the directory URL`,
    );
  });

  test("without a host says so, once", async () => {
    const asked = getDirectory(clientOf("https://no-such-host.invalid/directory"));
    await expect(asked).rejects.toThrow(AcmeConnectionError);
    await expect(asked).rejects.toThrow(/no-such-host\.invalid/);
  });

  test("of something without TLS says so", async () => {
    const port = await started(createHttpServer((_, response) => response.end("hello")));
    await expect(getDirectory(clientOf(`https://127.0.0.1:${String(port)}/`))).rejects.toThrow(
      "does not speak TLS; check the directory URL",
    );
  });
});

describe("the CA's own TLS certificate", () => {
  test("of an unknown CA is not trusted, and caBundlePem named as the remedy", async () => {
    const { ca } = await startBoth();
    const asked = getDirectory(clientOf(ca.directoryUrl));
    await expect(asked).rejects.toThrow(AcmeConnectionError);
    await expect(asked).rejects.toThrow("is not trusted");
    await expect(asked).rejects.toThrow("give the roots of a private CA as caBundlePem");
    expect(ca.requests).toHaveLength(0);
  });

  test("of another host is refused, without a word of a way around", async () => {
    const { ca } = await startBoth({ tls: { names: ["ca.example"] } });
    const asked = getDirectory(clientOf(ca.directoryUrl, ca.caBundlePem));
    await expect(asked).rejects.toThrow("is for another name; check the directory URL");
    await expect(asked).rejects.not.toThrow("caBundlePem");
  });

  test("that has expired is refused", async () => {
    const { ca } = await startBoth({ tls: { expired: true } });
    const asked = getDirectory(clientOf(ca.directoryUrl, ca.caBundlePem));
    await expect(asked).rejects.toThrow(/the TLS certificate of 127\.0\.0\.1:\d+ has expired$/);
  });

  test("is checked with all roots of the bundle, and the bundle itself checked first", async () => {
    const { ca } = await startBoth();
    const other = await startBoth();
    const bundle = other.ca.caBundlePem + ca.caBundlePem;
    expect((await getDirectory(clientOf(ca.directoryUrl, bundle))).newOrder).toContain(ca.baseUrl);
    expect(() => createFetch({ caBundlePem: "rubbish" })).toThrow("holds no PEM certificate");
    const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    expect(() => createFetch({ caBundlePem: ca.caBundlePem + broken })).toThrow(
      "caBundlePem: certificate number 2 cannot be read",
    );
  });
});

test("a proxy of the environment carries the requests, but not to hosts in NO_PROXY", async () => {
  const { ca } = await startBoth();
  const seen: string[] = [];
  const proxy = createHttpServer();
  proxy.on("connect", (request, socket) => {
    seen.push(request.url ?? "");
    socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
  });
  const port = await started(proxy);
  const env = { HTTPS_PROXY: `http://127.0.0.1:${String(port)}` };
  const { caBundlePem, directoryUrl } = ca;

  const through = createFetch({ caBundlePem, env });
  await expect(
    getDirectory(createAcmeClient({ directoryUrl, userAgent: "test", fetch: through })),
  ).rejects.toThrow();
  expect(seen).toContain(new URL(directoryUrl).host);

  const around = createFetch({ caBundlePem, env: { ...env, no_proxy: "127.0.0.1" } });
  await register(createAcmeClient({ directoryUrl, userAgent: "test", fetch: around }));
  await Promise.all([through.close(), around.close()]);
});

test("a proxy that cannot be reached is named, not the CA blamed", async () => {
  const { ca } = await startBoth();
  const { caBundlePem, directoryUrl } = ca;
  const fetch = createFetch({ caBundlePem, env: { https_proxy: "me:hunter2@127.0.0.1:1" } });
  const asked = getDirectory(createAcmeClient({ directoryUrl, userAgent: "test", fetch }));
  await expect(asked).rejects.toThrow(
    /no answer from 127\.0\.0\.1:\d+ through the proxy 127\.0\.0\.1:1 \(https_proxy\): connect ECONNREFUSED/,
  );
  await expect(asked).rejects.not.toThrow("hunter2");
  await fetch.close();
});

test("a proxy that works carries TLS through to the CA, checked with the bundle", async () => {
  const { ca } = await startBoth();
  const proxy = createHttpServer();
  proxy.on("connect", (request, socket, head) => {
    const { hostname, port } = new URL(`http://${request.url ?? ""}`);
    const upstream = tcp({ host: hostname, port: Number(port) }, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.write(head);
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
    socket.on("error", () => upstream.destroy());
    onTestFinished(() => {
      upstream.destroy();
      socket.destroy();
    });
  });
  const port = await started(proxy);
  const { caBundlePem, directoryUrl } = ca;
  const fetch = createFetch({
    caBundlePem,
    env: { https_proxy: `127.0.0.1:${String(port)}` },
  });
  await register(createAcmeClient({ directoryUrl, userAgent: "test", fetch }));
  await fetch.close();
  ca.assertNoDeviations();
});
