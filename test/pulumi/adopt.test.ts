/** From other ACME clients to Pulumi, on the real engine: no order is placed. */
import { chmod, lstat, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { type Pebble, startPebble } from "../support/ca/pebble";
import { OtherClients } from "../support/cli/other-clients";
import { createStack, type Stack } from "../support/engine/pulumi";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";

const cli = join(__dirname, "../../dist/cli/index.js");
describeWithTools(["pulumi", "pebble", "lego", "certbot"], "pulumi-acme adopt", () => {
  let pebble: Pebble;
  let folder: TemporaryDirectory;
  let clients: OtherClients;
  let lego: string;
  let stack: Stack;

  beforeAll(async () => {
    pebble = await startPebble({ alwaysValid: true });
    folder = await temporaryDirectory();
    clients = await OtherClients.at(pebble, folder.path);
    lego = await clients.lego("--domains", "one.example", "--http", "--http.webroot", folder.path);
  });
  afterAll(async () => {
    await pebble.stop();
    await folder.remove();
  });

  const orders = (): number => pebble.requests().filter(({ path }) => path === "/order-plz").length;

  /** The program that `adopt` prints, and what it says. */
  async function adopt(client: string, directory: string, expectFailure = false) {
    const args = [cli, "adopt", client, directory, "--ca-bundle", clients.caBundleFile];
    return stack.runNode(args, { expectFailure });
  }

  /** `adopt` and `pulumi up` in a stack of their own; then what `status` tells. */
  async function adoptAndUp(client: string, directory: string, isComplete = true) {
    stack = await createStack("");
    try {
      const { stdout: program, stderr } = await adopt(client, directory, !isComplete);
      const config = await readFile(join(stack.directory, "Pulumi.dev.yaml"), "utf8");
      for (const text of [program, stderr, config]) expect(text).not.toContain("PRIVATE KEY");
      expect(config).toContain("secure:");
      await stack.setProgram(program);
      const before = orders();
      await stack.up({ skipPreview: true });
      expect(orders()).toBe(before);
      const status = await stack.runNode([cli, "status", "--json"]);
      const { certificates } = JSON.parse(status.stdout) as {
        certificates: { name: string; state: string; daysLeft: number; renewAt: string }[];
      };
      expect(certificates.map(({ state }) => state)).toEqual(certificates.map(() => "ok"));
      expect(certificates.map(({ renewAt }) => renewAt)).not.toContain(undefined);
      return { program, stderr, names: certificates.map(({ name }) => name).sort() };
    } finally {
      await stack.stop();
    }
  }

  it("takes over what certbot has: certificates, webroots, hooks, and the files that services read", async () => {
    const log = join(folder.path, "reloads");
    const directory = await clients.certbot(
      [
        ...["--webroot", "-w", folder.path, "-d", "web.example", "-d", "www.web.example"],
        ...["--deploy-hook", `echo "$RENEWED_DOMAINS" >> ${log}`],
      ],
      ["--standalone", "--http-01-port", String(pebble.httpPort), "-d", "rsa.example"].concat([
        ...["--key-type", "rsa"],
      ]),
      ["--manual", "--manual-auth-hook", "true", "--preferred-challenges", "dns"].concat([
        ...["-d", "*.wild.example"],
      ]),
    );
    await rm(log, { force: true });
    const live = join(directory, "live/web.example/fullchain.pem");
    const before = await readFile(live, "utf8");
    const { program, names } = await adoptAndUp("certbot", directory);
    expect(names).toEqual(["rsa.example", "web.example", "wild.example"]);
    expect(program).toContain(`http01: { webroot: { path: ${JSON.stringify(folder.path)} } }`);
    expect(program).toContain(`keyType: "RSA2048"`);
    expect(await readFile(log, "utf8")).toBe("web.example www.web.example\n");
    expect(await readFile(live, "utf8")).toBe(before);
    expect((await lstat(live)).isSymbolicLink()).toBe(false);
  });

  it("takes over what lego 4 has", async () => {
    const { names, program } = await adoptAndUp("lego", lego);
    expect(names).toEqual(["one.example"]);
    expect(program).toContain("lego does not store how names were proven");
  });

  it("takes over what lego 5 has", async () => {
    const { names } = await adoptAndUp("lego", await clients.lego5(lego));
    expect(names).toEqual(["one.example"]);
  });

  it("takes over what nginx's ACME module has", async () => {
    const directory = await clients.nginxAcme(lego, "one.example");
    const { names, program } = await adoptAndUp("nginx-acme", directory);
    expect(names).toEqual(["one.example"]);
    expect(program).toContain("http01: { stateless: true }");
  });

  it("takes over what acme.sh has: tokens, and where it installed the files", async () => {
    const certificate = join(folder.path, "installed.pem");
    const log = join(folder.path, "acme.sh-reloads");
    const reload = Buffer.from(`echo reloaded >> ${log}`).toString("base64");
    const directory = await clients.acmeSh(lego, "one.example", {
      Le_Webroot: "dns_cf",
      Le_RealFullChainPath: certificate,
      Le_RealKeyPath: join(folder.path, "installed.key"),
      Le_ReloadCmd: `__ACME_BASE64__START_${reload}__ACME_BASE64__END_`,
      Le_RenewalDays: "60",
    });
    const { names, program } = await adoptAndUp("acme.sh", directory);
    expect(names).toEqual(["one.example"]);
    expect(program).toContain(`renewBefore: "30d"`);
    expect(program).not.toContain("cf-token-value");
    expect(await readFile(certificate, "utf8")).toContain("BEGIN CERTIFICATE");
    expect(await readFile(log, "utf8")).toBe("reloaded\n");
  });

  it("takes over what NixOS has, with owners and modes, and leaves out what no CA has issued yet", async () => {
    const directory = await clients.nixos(lego, "one.example");
    const key = join(directory, "one.example/key.pem");
    await chmod(key, 0o640);
    const { names, stderr } = await adoptAndUp("nixos", directory, false);
    expect(names).toEqual(["one.example"]);
    expect(stderr).toContain("waiting.example: no CA has issued it yet; left out");
    expect((await stat(key)).mode & 0o777).toBe(0o640);
  });

  it("says what it leaves out: missing files, and certificates of another key", async () => {
    const directory = await clients.lego5(lego);
    const at = (name: string): string => join(directory, "certificates", name);
    for (const name of ["gone.example", "foreign.example"]) {
      await writeFile(at(`${name}.json`), JSON.stringify({ domain: name }));
      await writeFile(at(`${name}.crt`), await readFile(at("one.example.crt")));
    }
    const [server = ""] = await readdir(join(directory, "accounts"));
    const account = join(directory, "accounts", server, "a@example.com/a@example.com.key");
    await writeFile(at("foreign.example.key"), await readFile(account));
    stack = await createStack("");
    try {
      const { code, stdout, stderr } = await adopt("lego", directory, true);
      expect(code).toBe(1);
      expect(stderr).toContain("gone.example.key: there is no such file; left out");
      expect(stderr).toContain("foreign.example.crt: is not the certificate of the key");
      expect(stdout).not.toMatch(/"(?:gone|foreign)\.example"/);
      expect(stdout).toContain(`"one.example"`);
    } finally {
      await stack.stop();
    }
  });

  it("refuses a directory of another client, or none, with exit code 3", async () => {
    stack = await createStack("");
    try {
      const wrong = await adopt("certbot", lego, true);
      expect(wrong).toMatchObject({ code: 3, stdout: "" });
      expect(wrong.stderr).toContain("there is no account of certbot");
      const none = await adopt("certbot", join(folder.path, "none"), true);
      expect(none).toMatchObject({ code: 3, stdout: "" });
      expect(none.stderr).toContain("is no directory");
    } finally {
      await stack.stop();
    }
  });

  it("without a stack writes the keys to a file that its owner alone may read, and the program reads it", async () => {
    stack = await createStack("");
    try {
      const settings = join(folder.path, "settings.json");
      const args = [cli, "adopt", "lego", lego, "--ca-bundle", clients.caBundleFile];
      const { stdout } = await stack.runNode([...args, "--settings", settings]);
      expect((await stat(settings)).mode & 0o777).toBe(0o600);
      await stack.setProgram(stdout);
      const before = orders();
      await stack.up({ skipPreview: true });
      expect(orders()).toBe(before);
      expect((await stack.exportState()).text).not.toContain("PRIVATE KEY");
      const again = await stack.runNode([...args, "--settings", settings], { expectFailure: true });
      expect(again.stderr).toContain("cannot be written");
    } finally {
      await stack.stop();
    }
  });
});
