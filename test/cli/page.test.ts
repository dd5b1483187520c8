/** The status page in a real browser. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { source as axe, type AxeResults } from "axe-core";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

import { pageOf } from "../../sdk/cli/status/page";
import { certificateOf, endsAt, exportText } from "../support/cli/export";
import { statusesOf } from "../support/cli/statuses";
import { type TemporaryDirectory, temporaryDirectory } from "../support/process/temp";
import { toolPath } from "../support/process/tool-paths";
import { describeWithTools } from "../support/process/tools";

const LONG = `${"very-long-label-".repeat(3)}of-a-name.${"example-".repeat(5)}zone.example`;

/** A certificate of each state, names in Unicode, and one name without a place to break. */
function page(): string {
  const now = endsAt - 10 * 86_400_000;
  const text = exportText((resources) => {
    certificateOf(resources).outputs["dnsNames"] = ["bücher.example", LONG];
    certificateOf(resources).outputs["lastFailure"] = {
      at: "2027-02-15T01:00:00Z",
      message: "too many certificates",
      nextAttemptAt: "2027-02-15T03:00:00Z",
    };
  });
  return pageOf(statusesOf(text, { now, limits: { warn: 90 * 86_400_000 } }), now);
}

const VIEWS = [390, 1280].flatMap((width) =>
  (["light", "dark"] as const).map((colorScheme) => ({ width, colorScheme })),
);

describeWithTools(["chromium"], "the status page in a browser", () => {
  let browser: Browser;
  let folder: TemporaryDirectory;
  let url: string;

  beforeAll(async () => {
    folder = await temporaryDirectory();
    const file = join(folder.path, "status.html");
    await writeFile(file, page());
    url = pathToFileURL(file).href;
    // Root, as in a container, has no sandbox.
    const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
    browser = await chromium.launch({ executablePath: toolPath("chromium"), args });
  });
  afterAll(async () => {
    await browser.close();
    await folder.remove();
  });

  async function open(
    options: Parameters<Browser["newPage"]>[0],
    look: (view: Page) => Promise<void>,
  ): Promise<void> {
    const view = await browser.newPage(options);
    const requests: string[] = [];
    view.on("request", (request) => requests.push(request.url()));
    try {
      await view.goto(url);
      await look(view);
      expect(requests).toEqual([url]);
    } finally {
      await view.close();
    }
  }

  const overflow = (view: Page): Promise<number> =>
    view.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth");

  it.each(VIEWS)(
    "is accessible and not wider than $width px, $colorScheme",
    async ({ width, colorScheme }) => {
      await open({ viewport: { width, height: 800 }, colorScheme }, async (view) => {
        expect(await overflow(view)).toBe(0);
        await view.evaluate(axe);
        const { violations } = await view.evaluate<AxeResults>("axe.run()");
        expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      });
    },
  );

  it("shows what the filter asks for, and says how many those are", async () => {
    await open({ viewport: { width: 1280, height: 800 } }, async (view) => {
      const rows = view.locator("tbody tr:visible");
      const all = await rows.count();
      expect(all).toBeGreaterThan(1);
      await view.getByLabel("Filter").fill("bücher");
      expect(await rows.count()).toBe(1);
      expect(await view.getByRole("status").textContent()).toContain("1");
      await view.getByLabel("Filter").fill("");
      expect(await rows.count()).toBe(all);
    });
  });

  it("says everything without scripts, too", async () => {
    await open({ javaScriptEnabled: false }, async (view) => {
      const text = await view.locator("body").innerText();
      expect(text).toContain("bücher.example");
      expect(text).toContain("too many certificates");
      expect(text).not.toContain("Filter");
    });
  });

  it("fits a printed page", async () => {
    await open({ viewport: { width: 794, height: 1123 } }, async (view) => {
      await view.emulateMedia({ media: "print" });
      expect(await overflow(view)).toBe(0);
      expect(await view.getByLabel("Filter").isVisible()).toBe(false);
    });
  });
});
