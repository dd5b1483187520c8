import { describe, expect, it } from "vitest";

import { SERVICES } from "../../../sdk/deploy/services";
import {
  commandsOf,
  disagreementOf,
  filesOfServices,
  portsOf,
} from "../../../sdk/deploy/services/together";

const NOWHERE = { paths: {} };

describe("one service", () => {
  it("has its files, test, reload and port, and says what must be installed", () => {
    expect(filesOfServices("nginx").map(({ path }) => path)).toEqual([
      "fullchain.pem",
      "privkey.pem",
    ]);
    expect(commandsOf("nginx", {}, NOWHERE)).toMatchObject({
      test: "nginx -t",
      needs: [{ program: "nginx", package: "nginx" }],
    });
    expect(portsOf("nginx")).toEqual([{ service: "nginx", port: 443, startTls: undefined }]);
  });

  it("needs nothing where both commands are the user's", () => {
    const own = { test: "docker exec web nginx -t", reload: "docker kill -s HUP web" };
    expect(commandsOf("nginx", own, NOWHERE)).toEqual({ ...own, reloads: [], needs: [] });
    expect(commandsOf("nginx", { test: "true" }, NOWHERE)).toMatchObject({ test: "true" });
    expect(commandsOf("nginx", { test: "true" }, NOWHERE).needs).toHaveLength(1);
  });

  it.each(Object.entries(SERVICES))(
    "says what must be installed, where it has commands: %s",
    (_name, { installed, test, reload }) => {
      expect(installed !== undefined).toBe((test ?? reload) !== undefined);
    },
  );

  it("has files alone, where it is generic or not given", () => {
    expect(filesOfServices(undefined)).toEqual(SERVICES.generic.files);
    expect(commandsOf("generic", {}, NOWHERE)).toEqual({ reloads: [], needs: [] });
  });

  it("may name in its commands what was deployed", () => {
    const paths = { bundle: "/etc/ssl/o'hara/haproxy.pem" };
    const { reload } = commandsOf("haproxy", {}, { paths });
    expect(reload).toContain(`'/etc/ssl/o'\\''hara/haproxy.pem'`);
    expect(commandsOf("haproxy", {}, NOWHERE).reload).not.toContain("set ssl cert");
  });
});

describe("several services", () => {
  it("share one copy of the files; each is tested, then each is reloaded", () => {
    expect(filesOfServices(["nginx", "apache"])).toEqual(SERVICES.nginx.files);
    const { test, reload, needs } = commandsOf(["nginx", "apache", "nginx"], {}, NOWHERE);
    expect(test).toMatch(/^\( nginx -t \) \|\| .*\n\( apachectl configtest \) \|\| /);
    expect(reload).toMatch(/^\( .*systemctl reload nginx.*\n\( .*apachectl graceful/);
    expect(needs.map(({ program }) => program)).toEqual(["nginx", "apachectl"]);
  });

  it("have the files of all, where these differ", () => {
    expect(filesOfServices(["nginx", "haproxy"]).map(({ path }) => path)).toEqual([
      "fullchain.pem",
      "privkey.pem",
      "haproxy.pem",
    ]);
    expect(disagreementOf(["nginx", "haproxy"])).toBeUndefined();
  });

  it("cannot share a file that each wants for a group of its own", () => {
    expect(disagreementOf(["postgresql", "nginx", "redis"])).toMatch(
      /privkey\.pem for different users \(:postgres and :redis\): give `files` with an access list/,
    );
    expect(disagreementOf(["postgresql", "nginx"])).toBeUndefined();
  });
});
