import { describe, expect, it } from "vitest";

import type { ApiReply } from "../../../sdk/http/json-api";
import { pathOf, reasonsIn, refusalByStatus } from "../../../sdk/http/rest-service";
import { withoutTrailingSlashes } from "../../../sdk/http/url";
import { parseJson } from "../../../sdk/util/json";

const reply = (status: number, text: string): ApiReply => ({ status, text, json: parseJson(text) });

describe("a refusal", () => {
  it.each([
    [
      '{"message":"Unable to authenticate you","id":"Unauthorized"}',
      ": Unable to authenticate you",
    ],
    ['{"errors":[{"field":"target","reason":"Invalid target"}]}', ": Invalid target"],
    ['{"error":{"code":"locked","message":"zone is locked"}}', ": zone is locked"],
    ['{"message":"twice","error":"twice"}', ": twice"],
    ['{"records":["malformed"]}', ': {"records":["malformed"]}'],
    ["<html>\n", ": <html>"],
    ["", ""],
  ])("is shown by what it says: %s", (text, words) => {
    expect(refusalByStatus(reply(400, text))).toEqual({ words });
  });

  it("is an answer that is no JSON, whatever its status", () => {
    expect(refusalByStatus(reply(200, "<html>log in"))).toEqual({ words: ": <html>log in" });
    expect(refusalByStatus(reply(200, "{}"))).toBeUndefined();
    expect(refusalByStatus(reply(204, ""))).toBeUndefined();
  });

  it("is not looked into deeper than anybody writes", () => {
    const depth = 100_000;
    let json: unknown = "bottom";
    for (let i = 0; i < depth; i++) json = [json];
    expect(reasonsIn(json)).toEqual([]);
  });
});

describe("a path", () => {
  it("holds what comes from outside as one segment", () => {
    expect(pathOf("zones", "a/../b?c", 7)).toBe("/zones/a%2F..%2Fb%3Fc/7");
    expect(pathOf("rrsets", "@", "TXT")).toBe("/rrsets/@/TXT");
  });

  it("is put behind a URL without its trailing slashes", () => {
    expect(withoutTrailingSlashes("https://a.example/v1///")).toBe("https://a.example/v1");
    expect(withoutTrailingSlashes("https://a.example")).toBe("https://a.example");
  });
});
