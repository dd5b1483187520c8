/** The documentation site as `npm run docs` builds it: its links, and its pages in a real browser. */
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { promisify } from "node:util";

import { source as axe, type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { serveFolder } from "../support/process/static-server";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";

const repository = resolve(__dirname, "../..");

let folder: TemporaryDirectory;
let site: string;

beforeAll(async () => {
  folder = await temporaryDirectory("site-");
  site = join(folder.path, "site");
  await promisify(execFile)(process.execPath, [join(repository, "tools", "docs.mjs"), site]);
});
afterAll(async () => {
  await folder.remove();
});

const pages = (): string[] =>
  readdirSync(site, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".html"));
const textOf = (page: string): string => readFileSync(join(site, page), "utf8");

describe("the documentation site", () => {
  it("has the documents, the examples and a page of each class", () => {
    expect(pages()).toEqual(
      expect.arrayContaining([
        "index.html",
        "CHANGELOG.html",
        "docs/deployment.html",
        "examples/wildcard/index.html",
        "templates/acme-nginx/index.html",
        "reference/overview.html",
        "reference/classes/index.AcmeAccount.html",
        "reference/functions/components_cloudflare.cloudflareRecords.html",
      ]),
    );
  });

  it("has links that lead to a page, and to a place on it", () => {
    const broken = pages().flatMap((page) =>
      [...textOf(page).matchAll(/<a[^>]* href="([^"]+)"/g)]
        .map(([, href = ""]) => new URL(href, `http://site/${page}`))
        .filter((url) => url.host === "site" && !leads(url))
        .map((url) => `${page}: ${url.pathname}${url.hash}`),
    );
    expect([...new Set(broken)]).toEqual([]);
  });

  it("has every document in its menu", () => {
    const menu = textOf("index.html");
    const missing = pages().filter(
      (page) =>
        /^(docs|examples|templates)\//.test(page) &&
        !menu.includes(`/${page.replace(/index\.html$/, "")}"`),
    );
    expect(missing).toEqual([]);
  });

  it("names no file of the machine that built it", () => {
    const naming = pages().filter((page) => textOf(page).includes(repository));
    expect(naming).toEqual([]);
  });
});

function leads({ pathname, hash }: URL): boolean {
  const path = decodeURIComponent(pathname.endsWith("/") ? `${pathname}index.html` : pathname);
  const file = relative("/", path);
  if (!existsSync(join(site, file))) return false;
  const anchor = decodeURIComponent(hash.slice(1));
  return anchor === "" || !file.endsWith(".html") || textOf(file).includes(`id="${anchor}"`);
}

const VIEWS = [
  { width: 390, colorScheme: "light" },
  { width: 1280, colorScheme: "dark" },
] as const;
/** The shortcut that the button of the search shows is no part of its name. */
const AXE = JSON.stringify({ rules: { "label-content-name-mismatch": { enabled: false } } });
const LOOKED_AT = [
  "index.html",
  "docs/deployment.html",
  "reference/classes/index.CertificateDeployment.html",
];

describeWithTools(["chromium"], "the documentation site in a browser", () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveFolder>>;

  beforeAll(async () => {
    server = await serveFolder(site);
    // Root, as in a container, has no sandbox.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: toolPath("chromium"), args });
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  async function open(
    page: string,
    options: Parameters<Browser["newPage"]>[0],
    look: (view: Page) => Promise<void>,
  ): Promise<void> {
    const view = await browser.newPage(options);
    const elsewhere: string[] = [];
    view.on("request", (request) => {
      if (!request.url().startsWith(server.url)) elsewhere.push(request.url());
    });
    try {
      await view.goto(`${server.url}/${page}`, { waitUntil: "networkidle" });
      await look(view);
      expect(elsewhere).toEqual([]);
    } finally {
      await view.close();
    }
  }

  describe.each(VIEWS)("$width px wide, $colorScheme", ({ width, colorScheme }) => {
    it.each(LOOKED_AT)("shows %s without scrolling sideways, and accessibly", async (page) => {
      await open(page, { viewport: { width, height: 800 }, colorScheme }, async (view) => {
        const overflow = await view.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(overflow).toBe(0);
        await view.evaluate(axe);
        const { violations } = await view.evaluate<AxeResults>(`axe.run(${AXE})`);
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      });
    });
  });

  it("finds what is searched for", async () => {
    await open("index.html", { viewport: { width: 1280, height: 800 } }, async (view) => {
      await view.keyboard.press("Control+k");
      await view.locator("input.search-input").fill("knownHosts");
      const results = view.locator('a.result[href*="docs/deployment"]');
      await results.first().waitFor();
      expect(await results.first().innerText()).toContain("Connections");
    });
  });
});
