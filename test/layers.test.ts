/** The dependency rule of the source tree, read from the import lines. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  circlesIn,
  loadedWith,
  packageOf,
  readImports,
  type SourceFile,
} from "./support/source/imports";

const repository = resolve(__dirname, "..");
const files = readImports(join(repository, "sdk"));

/**
 * The rooms of the house and their floors: a file imports from its own room and from rooms on lower floors. Rooms on one
 * floor do not see each other: neither two ways to reach the world, nor two resources.
 */
const floors: Readonly<Record<string, number>> = {
  util: 0,
  schema: 1,
  http: 1,
  x509: 1,
  hosts: 1,
  nginx: 1,
  acme: 2,
  dns: 2,
  challenges: 3,
  deploy: 3,
  issuance: 4,
  "provider/engine": 5,
  "provider/arguments": 6,
  "provider/renewal": 7,
  "provider/config-file": 7,
  "provider/account": 8,
  "provider/certificate": 8,
  "provider/order": 8,
  "provider/deployment": 8,
  "provider/nginx-site": 8,
  "provider/acme-dns-registration": 8,
  "provider/service-config": 8,
  provider: 9,
  resources: 10,
  components: 11,
  cli: 12,
  ".": 13,
};

/** Where a package may be imported from, and by how many files. Types count: they would tie us as much. */
const doors: Readonly<Record<string, { readonly folders: readonly string[]; files?: number }>> = {
  jose: { folders: ["acme"], files: 2 },
  undici: { folders: ["http"], files: 1 },
  ssh2: { folders: ["hosts/ssh2"] },
  "@peculiar/x509": { folders: ["x509"] },
  "reflect-metadata": { folders: ["x509"], files: 1 },
  pkijs: { folders: ["x509"], files: 1 },
  asn1js: { folders: ["x509"] },
  "dns-packet": { folders: ["dns"], files: 1 },
  "@azure/identity": { folders: ["challenges/dns-01/providers/azure"], files: 1 },
  "google-auth-library": { folders: ["challenges/dns-01/providers/google-cloud"], files: 1 },
  "@aws-sdk/client-route-53": { folders: ["challenges/dns-01/providers/route53"] },
  valibot: { folders: ["schema", "challenges", "provider"] },
  ms: { folders: ["util"], files: 1 },
  commander: { folders: ["cli"] },
  "@pulumi/aws": { folders: ["components"], files: 1 },
  "@pulumi/azure-native": { folders: ["components"], files: 1 },
  "@pulumi/cloudflare": { folders: ["components"], files: 1 },
  "@pulumi/digitalocean": { folders: ["components"], files: 1 },
  "@pulumi/gcp": { folders: ["components"], files: 1 },
  "@pulumi/hcloud": { folders: ["components"], files: 1 },
  "@pulumi/pulumi": { folders: ["resources", "components", "provider"] },
};

/** What takes long to load. */
const heavy = ["jose", "undici", "ssh2", "@peculiar/x509", "reflect-metadata", "pkijs", "asn1js"];

const folderOf = (path: string): string => (path.includes("/") ? (path.split("/")[0] ?? "") : ".");
/** The folder of a file, or below `provider/` the folder in it. */
const roomOf = (path: string): string => /^provider\/[^/]+(?=\/)/.exec(path)?.[0] ?? folderOf(path);
const floorOf = (path: string): number => floors[roomOf(path)] ?? Number.NaN;

/** `file: complaint` for each import that `judge` complains about. */
function violations(
  judge: (file: SourceFile, imported: SourceFile["imports"][number]) => string | undefined,
): string[] {
  return files.flatMap((file) =>
    file.imports.flatMap((imported) => {
      const complaint = judge(file, imported);
      return complaint === undefined ? [] : [`sdk/${file.path}: ${complaint}`];
    }),
  );
}

describe("the source tree", () => {
  it("has only rooms with a floor", () => {
    expect(files.length).toBeGreaterThan(0);
    expect(files.map(({ path }) => path).filter((path) => Number.isNaN(floorOf(path)))).toEqual([]);
  });

  it("imports only from lower floors and from within a room", () => {
    expect(
      violations((from, { file, specifier }) =>
        file === undefined ||
        roomOf(file) === roomOf(from.path) ||
        floorOf(file) < floorOf(from.path)
          ? undefined
          : `imports ${specifier}`,
      ),
    ).toEqual([]);
  });

  it("has no import circles, whether of types, of values or of what is loaded later", () => {
    expect(circlesIn(files)).toEqual([]);
  });

  it("has no import that leads nowhere", () => {
    const known = new Set(files.map(({ path }) => path));
    expect(
      violations((_, { file, specifier }) =>
        file === undefined || known.has(file) ? undefined : `imports ${specifier}`,
      ),
    ).toEqual([]);
  });

  it("takes types, never values, from the provider into resources and components", () => {
    expect(
      violations((from, { file, specifier, typeOnly }) =>
        file !== undefined &&
        folderOf(file) === "provider" &&
        ["resources", "components", "."].includes(folderOf(from.path)) &&
        !typeOnly
          ? `imports values from ${specifier}`
          : undefined,
      ),
    ).toEqual([]);
  });

  it("writes .js at dynamic imports of its own files, which stay ES imports, and nowhere else", () => {
    expect(
      violations((_, { file, specifier, dynamic }) =>
        file !== undefined && specifier.endsWith(".js") !== dynamic
          ? `imports ${specifier} ${dynamic ? "dynamically" : "statically"}`
          : undefined,
      ),
    ).toEqual([]);
  });

  it("has files of at most 300 lines, named after what they hold", () => {
    expect(files.filter(({ lines }) => lines > 300).map(({ path }) => path)).toEqual([]);
    const nondescript = /(^|\/)(utils?|helpers?|common|misc|manager)\.ts$/;
    expect(files.map(({ path }) => path).filter((path) => nondescript.test(path))).toEqual([]);
  });
});

describe("packages of others", () => {
  const importers = (name: string): string[] =>
    files
      .filter(({ imports }) => imports.some(({ specifier }) => packageOf(specifier) === name))
      .map(({ path }) => path);

  it("are all declared", () => {
    const { dependencies, peerDependencies } = JSON.parse(
      readFileSync(join(repository, "package.json"), "utf8"),
    ) as Record<"dependencies" | "peerDependencies", Record<string, string>>;
    const declared = { ...dependencies, ...peerDependencies };
    expect(
      violations((_, { file, specifier }) =>
        file !== undefined || specifier.startsWith("node:") || packageOf(specifier) in declared
          ? undefined
          : `imports ${specifier}`,
      ),
    ).toEqual([]);
  });

  it.each(Object.entries(doors))("come in by their door: %s", (name, door) => {
    const found = importers(name);
    expect(
      found.filter((path) => !door.folders.some((folder) => path.startsWith(`${folder}/`))),
    ).toEqual([]);
    if (door.files !== undefined) expect(found.slice(door.files)).toEqual([]);
  });

  it("have a door, every one", () => {
    expect(
      violations((_, { file, specifier }) =>
        file !== undefined || specifier.startsWith("node:") || packageOf(specifier) in doors
          ? undefined
          : `imports ${specifier}`,
      ),
    ).toEqual([]);
  });

  it("are not loaded by a program that imports the main entry point", () => {
    const loaded = loadedWith("index.ts", files);
    expect(loaded).toContain("@pulumi/pulumi");
    expect([...heavy, "valibot"].filter((name) => loaded.has(name))).toEqual([]);
    expect([...loaded].filter((path) => path.startsWith("provider/"))).toEqual([]);
  });

  it("are not loaded by the provider before an operation needs them", () => {
    const loaded = loadedWith("provider/index.ts", files);
    expect(heavy.filter((name) => loaded.has(name))).toEqual([]);
  });

  it("give Pulumi's own values to classes alone; the provider takes its wire format, for progress", () => {
    expect(
      violations((from, { specifier, typeOnly }) =>
        packageOf(specifier) === "@pulumi/pulumi" &&
        folderOf(from.path) === "provider" &&
        !typeOnly &&
        !(
          from.path === "provider/engine/progress.ts" &&
          specifier.startsWith("@pulumi/pulumi/proto/")
        )
          ? `imports values from ${specifier}`
          : undefined,
      ),
    ).toEqual([]);
  });
});

describe("the ACME client", () => {
  it("could be published by itself: it needs util and jose, reads no file and starts no process", () => {
    const foreign = ["node:fs", "node:fs/promises", "node:child_process", "node:os"];
    const allowed = (file: string): boolean => ["acme", "util"].includes(folderOf(file));
    expect(
      violations((from, { file, specifier }) => {
        if (folderOf(from.path) !== "acme") return undefined;
        const refused = file === undefined ? foreign.includes(specifier) : !allowed(file);
        return refused ? `imports ${specifier}` : undefined;
      }),
    ).toEqual([]);
  });
});
