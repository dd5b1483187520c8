/** Calls of DNS services and users' web services. */
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";

import { type ApiCall, type ApiReply, withApi } from "../../../sdk/http/json-api";
import { startWebService, type WebService } from "../../support/dns/httpreq";

afterEach(() => {
  vi.unstubAllEnvs();
});

async function service(): Promise<WebService> {
  const started = await startWebService(() => ({ status: 200, body: { done: true } }));
  onTestFinished(() => started.stop());
  return started;
}

function call(request: ApiCall, progress = vi.fn()): Promise<ApiReply> {
  const { signal } = new AbortController();
  return withApi({ service: "The service", credentials: [], signal, progress }, (api) =>
    api.call(request),
  );
}

describe("a call of a web service", () => {
  it("goes through the proxy of the environment, which may have no scheme", async () => {
    const { url } = await service();
    vi.stubEnv("http_proxy", "127.0.0.1:1");
    const progress = vi.fn(() => {
      throw new Error("seen");
    });
    await expect(call({ method: "GET", url }, progress)).rejects.toThrow("seen");
    expect(progress).toHaveBeenCalledWith(
      expect.stringMatching(
        /^The service cannot be reached: through the proxy 127\.0\.0\.1:1 \(http_proxy\): connect ECONNREFUSED/,
      ),
    );
  });

  it("goes around it to a network in NO_PROXY", async () => {
    const { url } = await service();
    vi.stubEnv("http_proxy", "127.0.0.1:1");
    vi.stubEnv("no_proxy", "127.0.0.0/8");
    await expect(call({ method: "GET", url })).resolves.toMatchObject({ json: { done: true } });
  });

  it("with a variable that names no proxy is an error that names the variable", async () => {
    vi.stubEnv("http_proxy", "socks5://127.0.0.1:1080");
    await expect(call({ method: "GET", url: "http://127.0.0.1" })).rejects.toThrow(
      "the environment variable http_proxy is no proxy that can be used",
    );
  });

  it("that cannot be sent is not repeated", async () => {
    const { url, calls } = await service();
    const headers = { "X-Api-Key": "line\nbreak" };
    await expect(call({ method: "GET", url, headers })).rejects.toThrow(
      /^the call to The service was not sent: invalid X-Api-Key header$/,
    );
    expect(calls).toEqual([]);
  });
});
