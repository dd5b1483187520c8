/** A state that somebody edited, or that is half there: what comes of it is an answer, or an error that says so. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import * as provider from "../../sdk/provider";
import type { Properties } from "../../sdk/provider/engine/handler";
import { closeServer, listenOn } from "../support/process/ports";
import { parameters, TIMEOUT_MS } from "./runs";

interface Stored {
  readonly type: string;
  readonly inputs: Properties;
  readonly outputs: Properties;
}

const FIXTURE = readFileSync(join(__dirname, "../fixtures/states/0.2.0.json"), "utf8");
const stored = JSON.parse(FIXTURE) as readonly Stored[];
const CA = /https:\/\/127\.0\.0\.1:\d+/g;

/** No value is a host, a path or a URL: whatever is done with it stays on this machine, and does nothing. */
const junk = fc.constantFrom<unknown>(
  ...[undefined, null, true, false, 0, -1, 1e308, "", " ", "\u001b[2J", "x".repeat(5000)],
  ...[
    [],
    {},
    [null],
    [""],
    { a: null },
    [[{}]],
    "2026-13-45T99:99:99Z",
    "-----BEGIN PRIVATE KEY-----",
  ],
);

/** Where the host is, and how long it is waited for, stay as they are. */
const KEPT = ["host", "port", "dialErrorLimit"];

/** How errors sound that nobody here wrote. */
const WORDS_OF_JAVASCRIPT =
  /Cannot (read|convert|set|use|create)|is not (a function|iterable|defined)|Invalid (time value|URL)|must be of type/;

type Path = readonly string[];

/** All places in `value`, the whole excepted. */
function placesIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    KEPT.includes(key) ? [] : [[...at, key], ...placesIn(item, [...at, key])],
  );
}

function withChange(value: unknown, [key, ...rest]: Path, put: unknown): unknown {
  if (key === undefined) return put;
  if (typeof value !== "object" || value === null) return value;
  const inner = withChange((value as Properties)[key], rest, put);
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === key ? inner : item));
  return { ...value, [key]: inner };
}

/** The lines of keys, and other secrets of the fixture. */
function secretsIn(text: string): string[] {
  const keys = text.match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*/g) ?? [];
  const seeds = text.match(/(?<="nextKeySeed": ")[^"]+/g) ?? [];
  return [...keys.flatMap((key) => key.split("\\n").slice(1, -1)), ...seeds];
}

describe.each([...new Map(stored.map((one) => [one.type.replace(/.*:/, ""), one]))])(
  "a state of %s",
  (_class, { inputs, outputs }) => {
    const name = /\.(\w+);\n$/.exec(String(inputs["__provider"]))?.[1] as keyof typeof provider;
    const handler = provider[name];
    let ca: Server;
    let said = "";
    let base: Properties;

    beforeAll(async () => {
      vi.spyOn(process.stderr, "write").mockImplementation((text) => {
        said += String(text);
        return true;
      });
      ca = createServer((_request, response) => {
        response.writeHead(404, { "content-type": "application/json" }).end("{}");
      });
      const port = await listenOn(ca);
      base = JSON.parse(
        JSON.stringify(outputs)
          .replaceAll(CA, `http://127.0.0.1:${String(port)}`)
          .replaceAll(/"port":\d+/g, '"port":1,"dialErrorLimit":1'),
      ) as Properties;
    });

    afterAll(async () => {
      vi.restoreAllMocks();
      await closeServer(ca);
    });

    it.each(["diff", "read", "delete"] as const)(
      "that is damaged gives %s no other than an error of ours",
      async (operation) => {
        const changes = fc.array(fc.tuple(fc.constantFrom(...placesIn(base)), junk), {
          minLength: 1,
          maxLength: 3,
        });
        const secrets = secretsIn(FIXTURE);
        await fc.assert(
          fc.asyncProperty(changes, async (list) => {
            const state = list.reduce<unknown>(
              (value, [at, put]) => withChange(value, at, put),
              base,
            );
            said = "";
            try {
              await (operation === "diff"
                ? handler.diff("id", state as Properties, inputs)
                : handler[operation]("id", state as Properties));
            } catch (error) {
              said += error instanceof Error ? error.message : String(error);
            }
            expect(said).not.toMatch(WORDS_OF_JAVASCRIPT);
            for (const secret of secrets) expect(said).not.toContain(secret);
          }),
          parameters,
        );
      },
      TIMEOUT_MS,
    );
  },
);
