/** Asks a real nginx whether it takes a text, without starting it. */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "../process/temp";
import { toolCache, toolPath } from "../process/tools";
import { existsSync } from "node:fs";

/** Debian's 1.22, which must be there, and a current one where the cache has it. */
export const nginxBinaries: Readonly<Record<string, string>> = {
  "of the system": toolPath("nginx"),
  ...existing("that is newest", join(toolCache, "bin", "nginx-newest")),
};

function existing(title: string, path: string): Record<string, string> {
  return existsSync(path) ? { [title]: path } : {};
}

/** A nginx that reads texts one after the other, in a folder of its own. */
export interface NginxCheck {
  readonly folder: string;
  /** What `nginx -t` says: `undefined` when it takes the text, without even a warning. Default: in its `http` block. */
  complaint(text: string, block?: "http" | "stream"): Promise<string | undefined>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function nginxCheck(binary: string): Promise<NginxCheck> {
  const folder = await temporaryDirectory("nginx-check-");
  const main = join(folder.path, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder.path, name)};`)
    .join(" ");
  // Long names need large buckets; that is for a host's administrator to set.
  await writeFile(
    main,
    `${streamModule(binary)}pid ${folder.path}/pid; error_log ${folder.path}/error.log; events {}
http { access_log off; server_names_hash_bucket_size 512; ${temporary} include ${folder.path}/http.conf; }
stream { include ${folder.path}/stream.conf; }\n`,
  );
  await mkdir(join(folder.path, "logs"));
  return {
    folder: folder.path,
    complaint: async (text, block = "http") => {
      await writeFile(join(folder.path, "http.conf"), block === "http" ? text : "");
      await writeFile(join(folder.path, "stream.conf"), block === "stream" ? text : "");
      const args = ["-t", "-e", join(folder.path, "error.log"), "-p", folder.path, "-c", main];
      const { failed, output } = await run(binary, args);
      const lines = output
        .split("\n")
        .filter((line) => /\[(warn|emerg|alert|crit|error)\]/.test(line));
      return failed || lines.length > 0 ? lines.join("\n") || output : undefined;
    },
    [Symbol.asyncDispose]: folder[Symbol.asyncDispose],
  };
}

const STREAM_MODULE = "/usr/lib/nginx/modules/ngx_stream_module.so";

/** Debian's has its `stream` block in a module. */
export function streamModule(binary: string): string {
  const isSystems = binary === toolPath("nginx") && existsSync(STREAM_MODULE);
  return isSystems ? `load_module ${STREAM_MODULE};\n` : "";
}

function run(
  binary: string,
  args: readonly string[],
): Promise<{ failed: boolean; output: string }> {
  return new Promise((resolve) => {
    execFile(binary, args, (error, stdout, stderr) => {
      resolve({ failed: error !== null, output: stdout + stderr });
    });
  });
}

/** `text` with ports that need no root. */
export function onHighPorts(text: string): string {
  return text.replace(
    /^(\s*listen (?:\S+:)?)(80|443)\b/gm,
    (_all, before: string, port: string) => `${before}${port === "80" ? "18080" : "18443"}`,
  );
}

/**
 * The names of all directives with their nesting, `server{ listen listen … }`: what an injected directive would change.
 * Written apart from the reader in `sdk/`, after nginx's ngx_conf_read_token.
 */
export function structureOf(text: string): string {
  const found: string[] = [];
  let atStart = true;
  // A comment, a quoted word, a mark, or a plain word.
  const token = /#[^\n]*|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*'|[;{}]|(?:\\[^]|\$\{|[^\s;{\\])+/g;
  for (const [piece] of text.matchAll(token)) {
    if (piece.startsWith("#")) continue;
    if (piece === ";") atStart = true;
    else if (piece === "{" || piece === "}") {
      found.push(piece);
      atStart = true;
    } else if (atStart) {
      found.push(piece);
      atStart = false;
    }
  }
  return found.join(" ");
}
