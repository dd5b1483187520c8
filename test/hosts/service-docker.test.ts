import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { canRunDocker, docker } from "../support/services/docker";
import { dockerStandIn } from "../support/services/docker-stand-in";
import { type Place, testService } from "../support/services/service-test";

const engine = canRunDocker() ? docker : dockerStandIn;

const configIn = ({ folder }: Place): string => join(folder, "nginx.conf");

testService({
  service: "docker",
  tools: ["nginx"],
  version: engine.version,
  name: engine.name,
  daemon: async (place) => {
    await writeFile(
      configIn(place),
      `daemon off;
pid ${place.folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
  server {
    listen 127.0.0.1:${String(place.port)} ssl;
    ssl_certificate ${engine.certificates(place)}/fullchain.pem;
    ssl_certificate_key ${engine.certificates(place)}/privkey.pem;
  }
}
`,
    );
    return engine.daemon(place, configIn(place));
  },
  before: engine.before,
  // As the documentation advises: a container that is still to be started has nothing to test.
  test: (place) =>
    `${engine.before(place)}; [ -z "$(docker ps -q --filter name=^web$)" ] || docker exec web nginx -t -c ${configIn(place)}`,
  refused: {
    args: () => ({ files: [{ path: "privkey.pem", content: "privateKey" }] }),
    words: /test: .*key values mismatch/,
  },
});
