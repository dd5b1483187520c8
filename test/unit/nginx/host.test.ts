/** What is decided about an nginx on a host, without asking it. */
import { describe, expect, it } from "vitest";
import { askNginx } from "../../../sdk/nginx/commands";
import { defaultConfigFile } from "../../../sdk/nginx/config-file";
import { adviceAbout, readIncludes } from "../../../sdk/nginx/includes";
import { marker, ownerOf } from "../../../sdk/provider/config-file/first-line";
import { readVersion } from "../../../sdk/nginx/version";

describe("the first line of a site's file", () => {
  it.each([
    { token: "1b4e28ba", urn: undefined },
    {
      token: "1b4e28ba",
      urn: "urn:pulumi:prod::web::acme:index:X$pulumi-nodejs:dynamic/acme:NginxSite::my site",
    },
  ])("tells whose it is: %j", (owner) => {
    expect(ownerOf(marker(owner))).toEqual(owner);
  });

  it("is one line, whatever a resource is called", () => {
    const line = marker({ token: "a", urn: "urn:x\n} server {" });
    expect(line).not.toContain("\n");
    expect(line.startsWith("#")).toBe(true);
  });

  it.each(["", "server {", "# Managed by Ansible", "# Managed by pulumi-acme"])(
    "is somebody else's: %j",
    (line) => {
      expect(ownerOf(line)).toBeUndefined();
    },
  );
});

it("a wildcard's file has no star in its name, which a shell would expand", () => {
  expect(defaultConfigFile("*.example.com", true)).toBe(
    "/etc/nginx/conf.d/_wildcard.example.com.tls.conf",
  );
});

describe("what to do about a file that nginx does not read", () => {
  const site = { configFile: "/etc/nginx/conf.d/a.conf" };
  const alpine = readIncludes(
    "main /etc/nginx/modules/*.conf\nhttp /etc/nginx/mime.types\nhttp /etc/nginx/http.d/*.conf\nx\n",
  );

  it("names the folders that it reads in the same block", () => {
    expect(adviceAbout(site, alpine)).toBe(
      "in its http block nginx reads /etc/nginx/http.d/*.conf: give this site a configFile there",
    );
  });

  it("is an include, where there are none", () => {
    expect(adviceAbout(site, [])).toContain("include /etc/nginx/conf.d/*.conf; within http { }");
    const service = { configFile: "/etc/nginx/stream.d/a.conf", stream: {} };
    expect(adviceAbout(service, alpine)).toContain(
      "stream { include /etc/nginx/stream.d/*.conf; }",
    );
  });
});

describe("asking the nginx of a test for its version", () => {
  it.each([
    ["nginx -t", "nginx -v"],
    ["nginx -t -q", "nginx -v -q"],
    ["sudo nginx -t", "sudo nginx -v"],
    ["docker exec web nginx -t", "docker exec web nginx -v"],
    ["'/opt/n/nginx' -p '/a b' -t", "'/opt/n/nginx' -p '/a b' -v"],
    ["/usr/sbin/nginx-1.27 -c /x -t", "/usr/sbin/nginx-1.27 -c /x -v"],
    ["nginx -t && systemctl start x", undefined],
    ["nginx -t; rm -t x", undefined],
    ["nginx -t $(date)", undefined],
    ["nginx\nrm -t x", undefined],
    ["/usr/local/bin/check -t", undefined],
    ["nginx --test", undefined],
    ["true", undefined],
  ])("%j becomes %j", (test, asked) => {
    expect(askNginx(test, "-v")).toBe(asked);
  });
});

it.each([
  ["nginx version: nginx/1.22.1", "1.22.1"],
  ["nginx version: nginx/1.24.0 (Ubuntu)", "1.24.0"],
  ["nginx version: openresty/1.25.3.1", "1.25.3"],
  ["Tengine version: Tengine/3.1.0\nnginx version: nginx/1.24.0", "1.24.0"],
  ["sh: 1: nginx: not found", undefined],
])("the version in %j is %s", (output, version) => {
  expect(readVersion(output)).toBe(version);
});
