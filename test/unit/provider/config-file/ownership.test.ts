/** Whose file a resource may write. */
import { describe, expect, it } from "vitest";

import { takeover as takeoverBy } from "../../../../sdk/provider/config-file/ownership";

const STACK = "urn:pulumi:dev::web::";
const SITE = "pulumi-nodejs:dynamic/acme:NginxSite::";
const owner = { token: "own", urn: `${STACK}${SITE}new` };
const words = { what: "site", pathArgument: "configFile" };
const takeover = (
  found: Parameters<typeof takeoverBy>[0],
  by: typeof owner,
  isLiving: (urn: string) => boolean,
) => takeoverBy(found, by, isLiving, words);
const file = (token: string, urn: string | undefined) => ({ owner: { token, urn } });
const nobody = (): boolean => false;
const everybody = (): boolean => true;

describe("a file at the path of a site", () => {
  it("is its own by the token, whatever the name was that it was written under", () => {
    for (const urn of [owner.urn, `urn:pulumi:other::web::${SITE}old`, undefined])
      expect(takeover(file("own", urn), owner, everybody)).toEqual({});
    expect(takeover("absent", owner, everybody)).toEqual({});
  });

  it("is its own where a former life of it wrote it", () => {
    expect(takeover(file("former", owner.urn), owner, everybody)).toEqual({});
  });

  it.each([
    ["another name", `${STACK}${SITE}old`],
    ["another parent", `${STACK}my:index:Web$${SITE}new`],
  ])("is taken over with a warning from %s that is not in the program any more", (_what, urn) => {
    expect(takeover(file("former", urn), owner, nobody)).toEqual({
      warning: expect.stringMatching(/^is taken over from urn:.*`aliases`$/) as string,
    });
    expect(takeover(file("former", urn), owner, everybody)).toEqual({
      refusal: expect.stringContaining(`another resource (${urn})`) as string,
    });
  });

  it.each([
    ["another stack's", `urn:pulumi:prod::web::${SITE}new`],
    ["another project's", `urn:pulumi:dev::shop::${SITE}new`],
    ["nobody's that can be told", undefined],
    ["of no URN", "dev::web"],
  ])("is not taken where it is %s", (_what, urn) => {
    expect(takeover(file("other", urn), owner, nobody)).toHaveProperty("refusal");
  });

  it("is not taken where it was not written by this package", () => {
    expect(takeover({ owner: undefined }, owner, nobody)).toHaveProperty("refusal");
  });
});
