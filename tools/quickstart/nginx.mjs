/** The web server: an nginx with a prefix of its own, which includes the files that the program writes. */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { inFolder, program } from "./places.mjs";

const prefix = inFolder("nginx");
const settings = inFolder("nginx", "nginx.conf");
const pidFile = inFolder("nginx", "nginx.pid");

export const configDirectory = inFolder("nginx", "conf.d");
export const documentRoot = inFolder("nginx", "html");
export const certificateDirectory = inFolder("nginx", "ssl");

/** As the program runs them on the host. */
export const nginxTest = () => `${command()} -t`;
export const nginxReload = () => `${command()} -s reload`;

export async function nginxServer() {
  for (const name of ["conf.d", "html", "tmp"]) {
    await mkdir(inFolder("nginx", name), { recursive: true });
  }
  await writeFile(settings, configuration());
  await writeFile(inFolder("nginx", "html", "index.html"), page);
  await writeFile(pidFile, "");
  return {
    name: "nginx",
    command: program("nginx"),
    args: ["-p", prefix, "-c", settings],
    log: inFolder("log", "nginx.log"),
    // It listens on nothing until the program has written a site.
    ready: async () => /^\d+\n$/.test(await readFile(pidFile, "utf8")),
  };
}

function command() {
  return `${quoted(program("nginx"))} -p ${quoted(prefix)} -c ${quoted(settings)}`;
}

function quoted(text) {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function configuration() {
  // Compiled-in paths lie in /var, where only root may write.
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `  ${name}_temp_path "${inFolder("nginx", "tmp", name)}";`)
    .join("\n");
  return `${process.getuid() === 0 ? "user root;\n" : ""}daemon off;
worker_processes 1;
pid "${pidFile}";
error_log "${inFolder("log", "nginx-error.log")}" notice;
events { worker_connections 256; }
http {
  access_log "${inFolder("log", "nginx-access.log")}";
${temporary}
  include "${configDirectory}/*.conf";
}
`;
}

const page = `<!doctype html>
<title>pulumi-acme</title>
<h1>Served over HTTPS</h1>
<p>with a certificate that <code>pulumi up</code> ordered, installed and will renew.</p>
`;
