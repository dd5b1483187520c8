import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { freePort } from "../support/process/ports";
import { asUser, folderOf, otherKey, refusesRootsKey } from "../support/services/own-user";
import { type Place, testService } from "../support/services/service-test";

const config = ({ folder }: Place): string => join(folder, "Caddyfile");

testService({
  service: "caddy",
  tools: ["caddy"],
  version: ["caddy", "version"],
  daemon: async (place) => {
    const { folder, port, paths } = place;
    const own = folderOf("caddy", folder);
    await writeFile(
      config(place),
      `{
	admin 127.0.0.1:${String(await freePort())}
	auto_https disable_redirects
}
https://service.example:${String(port)} {
	bind 127.0.0.1
	tls ${paths.fullchain ?? ""} ${paths.privateKey ?? ""}
	respond "here"
}
`,
    );
    const env = { HOME: own, XDG_CONFIG_HOME: own, XDG_DATA_HOME: own };
    return { ...asUser("caddy", "caddy", ["run", "--config", config(place)]), env };
  },
  before: (place) => `ACME_CONFIG=${config(place)}`,
  refused: {
    args: otherKey("caddy"),
    words: /private key does not match public key/,
  },
  more: (bench, check) => {
    refusesRootsKey(bench, check, /privkey\.pem: permission denied/);
  },
});
