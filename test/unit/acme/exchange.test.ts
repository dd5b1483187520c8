/** The client over a scripted fetch: what is sent, to the header. */
import { describe, expect, test } from "vitest";
import {
  createAcmeClient,
  findAccount,
  getDirectory,
  loadAccountKey,
  type AcmeFetch,
  type AcmeResponse,
  type AcmeClient,
} from "../../../sdk/acme";
import { ed25519KeyPem } from "../../support/x509/rfc-vectors";

const base = "https://ca.example";
const directory = {
  newNonce: `${base}/nonce`,
  newAccount: `${base}/account`,
  newOrder: `${base}/order`,
};

type Sent = Parameters<AcmeFetch>[1] & { url: string };

/** A fetch that gives these responses in turn, and fails if it is asked for more. */
function scripted(...responses: (Response | Error)[]): { fetch: AcmeFetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const fetch: AcmeFetch = (url, init) => {
    sent.push({ ...init, url });
    const next = responses.shift();
    if (next === undefined) return Promise.reject(new Error("nothing left in the script"));
    return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
  };
  return { fetch, sent };
}

function serverOf(
  fetch: AcmeFetch,
  onRequest?: (r: { method: string; url: string }) => void,
): AcmeClient {
  return createAcmeClient({
    directoryUrl: `${base}/directory`,
    fetch,
    userAgent: "test/1",
    ...(onRequest === undefined ? {} : { onRequest }),
  });
}

const directoryResponse = (): Response => Response.json(directory);
const nonceResponse = (): Response => new Response(null, { headers: { "replay-nonce": "n-1" } });

describe("a request", () => {
  test("has the headers that the RFC wants, and goes out as it was signed", async () => {
    const location = `${base}/acct/1`;
    const { fetch, sent } = scripted(
      directoryResponse(),
      nonceResponse(),
      new Response("{}", { headers: { location } }),
    );
    const key = await loadAccountKey(ed25519KeyPem);
    expect(await findAccount(serverOf(fetch), key)).toEqual({ url: location });
    const common = { "user-agent": "test/1", "accept-language": "en" };
    expect(sent.map(({ method, url, headers }) => ({ method, url, headers }))).toEqual([
      {
        method: "GET",
        url: `${base}/directory`,
        headers: { ...common, "cache-control": "no-store" },
      },
      {
        method: "HEAD",
        url: directory.newNonce,
        headers: { ...common, "cache-control": "no-store" },
      },
      {
        method: "POST",
        url: directory.newAccount,
        headers: { ...common, "content-type": "application/jose+json" },
      },
    ]);
    const body = JSON.parse(sent[2]?.body ?? "") as { protected: string; payload: string };
    expect(JSON.parse(Buffer.from(body.protected, "base64url").toString())).toEqual({
      alg: "EdDSA",
      nonce: "n-1",
      url: directory.newAccount,
      jwk: key.publicJwk,
    });
    expect(JSON.parse(Buffer.from(body.payload, "base64url").toString())).toEqual({
      onlyReturnExisting: true,
    });
  });

  test("is reported before it is sent, every one of them", async () => {
    const seen: string[] = [];
    const { fetch } = scripted(
      Object.assign(new Error("reset"), { code: "ECONNRESET" }),
      directoryResponse(),
    );
    await getDirectory(serverOf(fetch, ({ method, url }) => seen.push(`${method} ${url}`)));
    expect(seen).toEqual([`GET ${base}/directory`, `GET ${base}/directory`]);
  });

  test("that is aborted before is not sent", async () => {
    const { fetch, sent } = scripted(directoryResponse());
    const signal = AbortSignal.abort(new Error("never mind"));
    await expect(getDirectory(serverOf(fetch), { signal })).rejects.toThrow("never mind");
    expect(sent).toHaveLength(0);
  });
});

describe("an answer", () => {
  test("is read chunk by chunk, and no further than 1 MiB", async () => {
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (;;) {
        given += 65_536;
        yield await Promise.resolve(new Uint8Array(65_536));
      }
    }
    const response: AcmeResponse = { status: 200, headers: new Headers(), body: endless() };
    const fetch: AcmeFetch = () => Promise.resolve(response);
    await expect(getDirectory(serverOf(fetch))).rejects.toThrow("larger than 1 MiB");
    expect(given).toBeLessThanOrEqual(1_048_576 + 65_536);
  });

  test("may have its characters split between chunks", async () => {
    const bytes = Buffer.from(
      JSON.stringify({ ...directory, meta: { website: "https://ü.example" } }),
    );
    async function* single(): AsyncGenerator<Uint8Array> {
      for (const byte of bytes) yield await Promise.resolve(Uint8Array.of(byte));
    }
    const response: AcmeResponse = { status: 200, headers: new Headers(), body: single() };
    const { meta } = await getDirectory(serverOf(() => Promise.resolve(response)));
    expect(meta.website).toBe("https://ü.example");
  });
});

describe("a connection that fails", () => {
  test.each([
    ["ENOTFOUND", "there is no host ca.example; check the directory URL"],
    ["CERT_HAS_EXPIRED", "the TLS certificate of ca.example has expired"],
    [
      "SELF_SIGNED_CERT_IN_CHAIN",
      "is not trusted (SELF_SIGNED_CERT_IN_CHAIN); give the roots of a private CA as caBundlePem",
    ],
    [
      "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION",
      "TLS with ca.example failed (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)",
    ],
  ])("with %s says what is wrong, and is not tried again", async (code, words) => {
    const cause = Object.assign(new Error("fetch failed"), {
      cause: new AggregateError([Object.assign(new Error("x"), { code })]),
    });
    const { fetch, sent } = scripted(cause);
    await expect(getDirectory(serverOf(fetch))).rejects.toThrow(words);
    expect(sent).toHaveLength(1);
  });
});
