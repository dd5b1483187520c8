/** Which proxy the environment names for a URL. */
import { describe, expect, it } from "vitest";

import { proxiesOf } from "../../../sdk/http/proxy";

const proxyOf = (env: NodeJS.ProcessEnv, url = "https://ca.example/directory") =>
  proxiesOf(env).of(url);

describe("a proxy of the environment", () => {
  it.each([
    ["http://proxy.example:3128", "http://proxy.example:3128"],
    ["proxy.example:3128", "http://proxy.example:3128"],
    ["192.0.2.1:3128", "http://192.0.2.1:3128"],
    ["[2001:db8::1]:3128", "http://[2001:db8::1]:3128"],
    ["user:word@proxy.example:3128", "http://user:word@proxy.example:3128"],
    ["  https://proxy.example  ", "https://proxy.example"],
  ])("may be written as %j", (written, url) => {
    expect(proxyOf({ https_proxy: written })).toMatchObject({ variable: "https_proxy", url });
  });

  it.each([
    ["socks5://proxy.example:1080", "socks5://proxy.example:1080"],
    ["proxy.example:99999", "proxy.example:99999"],
    ["http://user:hunter2@bad host:3128", "…@bad host:3128"],
    ["us@er:hunter2@:", "…@:"],
  ])("that is %j is refused by the variable's name, without credentials", (written, shown) => {
    const read = (): unknown => proxiesOf({ HTTPS_PROXY: written });
    expect(read).toThrow(
      `the environment variable HTTPS_PROXY is no proxy that can be used: ${shown}; it must be host:port, or an http or https URL`,
    );
    expect(read).not.toThrow("hunter2");
  });

  it("is shown by its host alone", () => {
    expect(proxyOf({ https_proxy: "user:word@proxy.example:3128" })?.host).toBe(
      "proxy.example:3128",
    );
  });

  it("is the one for the URL's protocol; the one for http is taken where there is none for https", () => {
    const env = { http_proxy: "plain.example:1", https_proxy: "secure.example:2" };
    expect(proxyOf(env, "http://ca.example")?.host).toBe("plain.example:1");
    expect(proxyOf(env, "https://ca.example")?.host).toBe("secure.example:2");
    expect(proxyOf({ http_proxy: "plain.example:1" })?.variable).toBe("http_proxy");
    expect(proxyOf({ https_proxy: "secure.example:2" }, "http://ca.example")).toBeUndefined();
  });

  it("is named in lower case first, and none where that is empty", () => {
    const env = { https_proxy: "one.example", HTTPS_PROXY: "other.example" };
    expect(proxyOf(env)?.host).toBe("one.example");
    expect(proxyOf({ ...env, https_proxy: "" })).toBeUndefined();
    expect(proxyOf({})).toBeUndefined();
  });
});

describe("NO_PROXY", () => {
  it.each([
    ["*", "https://anything.example", true],
    ["other.example, *", "https://anything.example", true],
    ["ca.example", "https://ca.example/x", true],
    ["CA.Example", "https://ca.example/x", true],
    ["ca.example.", "https://ca.example/x", true],
    ["example", "https://ca.example", true],
    [".example", "https://ca.example", true],
    ["*.example", "https://ca.example", true],
    ["a.example", "https://ca.example", false],
    ["localhost 127.0.0.1", "http://127.0.0.1:14000/dir", true],
    ["ca.example:443", "https://ca.example", true],
    ["ca.example:8443", "https://ca.example", false],
    ["127.0.0.1:80", "http://127.0.0.1", true],
    ["10.0.0.0/8", "https://10.1.2.3", true],
    ["10.0.0.0/8", "https://11.1.2.3", false],
    ["10.0.0.0/8", "https://10.example", false],
    ["192.168.0.0/16,fd00::/8", "https://[fd12::1]:8443", true],
    ["fd00::/8", "https://[2001:db8::1]", false],
    ["0.0.0.0/0", "https://192.0.2.1", true],
    ["10.0.0.0/99", "https://10.1.2.3", false],
    ["::1", "https://[::1]:14000", true],
    ["[::1]:14000", "https://[::1]:14000", true],
    ["[::1]:14001", "https://[::1]:14000", false],
    ["2001:DB8:0::1", "https://[2001:db8::1]", true],
  ])("%j and %s: asked directly is %s", (no_proxy, url, isDirect) => {
    const env = { http_proxy: "proxy.example:1", https_proxy: "proxy.example:1", no_proxy };
    expect(proxyOf(env, url) === undefined).toBe(isDirect);
  });
});
