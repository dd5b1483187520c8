/** The packed package, installed elsewhere: what is in it, and that every kind of program can use it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { temporaryDirectory, type TemporaryDirectory } from "../support/process/temp";
import {
  installWithNpm,
  installWithPnpm,
  pack,
  repository,
  type Consumer,
  type Tarball,
} from "../support/engine/install";

let folder: TemporaryDirectory;
let tarball: Tarball;
beforeAll(async () => {
  folder = await temporaryDirectory("pack-");
  tarball = await pack(folder.path);
});
afterAll(() => folder.remove());

/** What takes long to load, and validation, which only the provider needs. */
const notForPrograms = [
  ...["jose", "undici", "ssh2", "valibot", "pkijs", "asn1js", "reflect-metadata", "tsyringe"],
  "@peculiar",
];

/** The names of the packages among the modules that a CommonJS program has loaded. */
const printLoaded = `
  const loaded = new Set(Object.keys(require.cache).flatMap((path) => {
    const [, name] = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(path) ?? [];
    return name === undefined ? [] : [name];
  }));
  console.log(JSON.stringify([...loaded]));
`;

describe("the tarball", () => {
  it("holds the compiled package, its manifest and its documents, nothing else", () => {
    const expected = /^(dist\/.+\.(js|d\.ts|sh)|package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
    expect(tarball.files.filter((path) => !expected.test(path))).toEqual([]);
    const programs = "dist/deploy/host-program/transaction.sh";
    for (const path of ["dist/index.js", "dist/index.d.ts", programs, "LICENSE", "README.md"]) {
      expect(tarball.files).toContain(path);
    }
  });

  it("holds every file that the manifest promises", () => {
    const { main, types, bin, exports } = JSON.parse(
      readFileSync(join(repository, "package.json"), "utf8"),
    ) as {
      main: string;
      types: string;
      bin: Record<string, string>;
      exports: Record<string, string | Record<string, string>>;
    };
    const promised = Object.values(exports).flatMap((target) =>
      typeof target === "string" ? [target] : Object.values(target),
    );
    for (const path of [main, types, ...Object.values(bin), ...promised]) {
      expect(tarball.files).toContain(path.replace("./", ""));
    }
  });

  it("stays small", () => {
    expect(tarball.unpackedBytes).toBeLessThan(2_000_000);
  });

  it("has declarations that TypeScript 3.8.3 can read, which Pulumi brings for programs without a compiler of their own", () => {
    const vendored = createRequire(__filename)(
      "@pulumi/pulumi/vendor/typescript@3.8.3/typescript.js",
    ) as OldTypeScript;
    const declarations = tarball.files.filter((path) => path.endsWith(".d.ts"));
    expect(declarations.length).toBeGreaterThan(5);
    const problems = declarations.flatMap((path) => {
      const text = readFileSync(join(repository, path), "utf8");
      const { parseDiagnostics } = vendored.createSourceFile(path, text, 99);
      return parseDiagnostics.map(({ messageText, start }) => {
        const line = text.slice(0, start).split("\n").length;
        return `${path}:${String(line)}: ${String(messageText)}`;
      });
    });
    expect(problems).toEqual([]);
  });
});

interface OldTypeScript {
  createSourceFile(
    name: string,
    text: string,
    target: number,
  ): { parseDiagnostics: { messageText: unknown; start: number }[] };
}

const typescriptProgram = `
  import * as pulumi from "@pulumi/pulumi";
  import * as acme from "pulumi-acme";
  import { renderNginxSite } from "pulumi-acme/nginx";

  export const account = new acme.AcmeAccount("account", {
    directoryUrl: acme.directories.letsEncryptStaging,
    termsOfServiceAgreed: true,
  });
  export const certificate = new acme.AcmeCertificate("certificate", {
    account,
    dnsNames: ["www.example.com"],
    solvers: [{ http01: { webroot: { path: "/srv/acme" } } }],
  });
  export const fullchain: pulumi.Output<string> = certificate.fullchainPem;
  export const config: string = renderNginxSite({ serverNames: ["www.example.com"] });
`;

describe("installed by npm", () => {
  let program: Consumer;
  beforeAll(async () => {
    program = await installWithNpm(tarball);
  });
  afterAll(() => program.remove());

  it("serves a CommonJS program, and loads none of what only the provider needs", async () => {
    const before = JSON.parse(
      await program.node("before.cjs", `require("@pulumi/pulumi"); ${printLoaded}`),
    ) as string[];
    const after = JSON.parse(
      await program.node(
        "after.cjs",
        `require("@pulumi/pulumi"); require("pulumi-acme"); ${printLoaded}`,
      ),
    ) as string[];
    const added = after.filter((name) => !before.includes(name));
    expect(added).toEqual(["pulumi-acme"]);
    expect(after.filter((name) => notForPrograms.includes(name.split("/")[0] ?? ""))).toEqual([]);
  });

  it("shows in the provider what it does load, so that the test above can see it", async () => {
    const loaded = JSON.parse(
      await program.node(
        "provider.cjs",
        `const { join, dirname } = require("node:path");
         const root = dirname(require.resolve("pulumi-acme/package.json"));
         require(join(root, "dist/acme/index.js"));
         require(join(root, "dist/http/fetch.js"));
         require(join(root, "dist/x509/library.js"));
         require(join(root, "dist/hosts/ssh2/connect.js"));
         ${printLoaded}`,
      ),
    ) as string[];
    expect(loaded).toEqual(expect.arrayContaining(["jose", "undici", "ssh2", "@peculiar/x509"]));
  });

  it("serves an ES module program with named imports", async () => {
    const printed = await program.node(
      "program.mjs",
      `import * as acme from "pulumi-acme";
       import { AcmeAccount, AcmeCertificate, CertificateDeployment, NginxSite, directories } from "pulumi-acme";
       import { renderNginxSite } from "pulumi-acme/nginx";
       const classes = [AcmeAccount, AcmeCertificate, CertificateDeployment, NginxSite];
       console.log(classes.map((each) => typeof each + " " + each.name).join());
       console.log(acme.directories === directories, renderNginxSite({ serverNames: ["a.example"] }).includes("server_name a.example;"));`,
    );
    expect(printed).toBe(
      "function AcmeAccount,function AcmeCertificate,function CertificateDeployment,function NginxSite\ntrue true\n",
    );
  });

  it("finds the handlers by the names that stand in users' states", async () => {
    const printed = await program.node(
      "handlers.cjs",
      `const provider = require("pulumi-acme/provider");
       const methods = ["check", "diff", "create", "read", "update", "delete"];
       console.log(Object.keys(provider).sort().map((name) => name + " " + methods.every((method) => typeof provider[name][method] === "function")).join());`,
    );
    expect(printed).toBe(
      "account true,acmeDnsRegistration true,certificate true,deployment true,nginxSite true,order true,serviceConfig true\n",
    );
  });

  it("keeps everything else to itself", async () => {
    const printed = await program.node(
      "inner.cjs",
      `try { require("pulumi-acme/dist/acme/index.js"); } catch (error) { console.log(error.code); }`,
    );
    expect(printed).toBe("ERR_PACKAGE_PATH_NOT_EXPORTED\n");
  });

  it.each([
    ["typescript", { module: "node20" }],
    ["typescript", { module: "esnext", moduleResolution: "bundler" }],
    // The template of `pulumi new typescript`.
    [
      "typescript",
      {
        module: "commonjs",
        moduleResolution: "node",
        target: "es2020",
        ignoreDeprecations: "6.0",
      },
    ],
    ["typescript-4.7", { module: "commonjs", moduleResolution: "node", target: "es2020" }],
    ["typescript-4.7", { module: "node16", moduleResolution: "node16", target: "es2020" }],
  ])("has types for %s with %o", async (compiler, options) => {
    // Types of other packages are not ours to check; an old compiler cannot read all of them.
    const withLibraries = { ...options, skipLibCheck: true };
    const text = `${typescriptProgram}
      // @ts-expect-error the types know the arguments
      new acme.AcmeAccount("misspelt", { directoryUrl: "", termsOfServiceAgred: true });
    `;
    expect(await program.compile(compiler, withLibraries, text)).toBe("");
  });

  it("has declarations that are right by themselves", async () => {
    const options = { module: "node20", skipLibCheck: false, lib: ["es2023", "dom"] };
    const errors = await program.compile("typescript", options, typescriptProgram);
    expect(errors.split("\n").filter((line) => line.includes("pulumi-acme/"))).toEqual([]);
  });
});

describe("installed by pnpm", () => {
  let program: Consumer;
  beforeAll(async () => {
    program = await installWithPnpm(tarball);
  });
  afterAll(() => program.remove());

  it("serves a program, which sees none of its dependencies", async () => {
    const printed = await program.node(
      "program.cjs",
      `const acme = require("pulumi-acme");
       let jose = "hidden";
       try { require.resolve("jose"); jose = "seen"; } catch {}
       console.log(typeof acme.AcmeCertificate, jose);`,
    );
    expect(printed).toBe("function hidden\n");
  });

  it("gives its handlers to the loader text, as the dynamic-provider process evaluates it", async () => {
    // That process gives the text the program's folder to require from, and no file name.
    const printed = await program.node(
      "loader.cjs",
      `const Module = require("node:module");
       const text = 'exports.handler = () => require("pulumi-acme/provider").certificate;\\n';
       const loader = new Module("", undefined);
       loader.paths = Module._nodeModulePaths(process.cwd());
       loader._compile(text, "");
       loader.exports.handler().check({}, {}).then(({ failures }) => console.log(failures.length > 0));`,
    );
    expect(printed).toBe("true\n");
  });

  it("loads what operations need from within", async () => {
    const printed = await program.node(
      "operations.cjs",
      `const { readdirSync } = require("node:fs");
       const { join, dirname } = require("node:path");
       const dist = join(dirname(require.resolve("pulumi-acme/package.json")), "dist");
       const optional = ["azure", "cloudflare", "digitalocean", "gcp", "hetzner", "route53"].map((name) => "components/" + name + ".js"); // need packages that are not installed here
       const files = readdirSync(dist, { recursive: true }).filter((path) => path.endsWith(".js") && !path.startsWith("cli") && !optional.includes(path));
       for (const path of files) require(join(dist, path));
       console.log("loaded");`,
    );
    expect(printed).toBe("loaded\n");
  });
});
