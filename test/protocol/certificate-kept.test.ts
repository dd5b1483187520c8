/** `AcmeCertificate`'s handler: what was issued is kept, whatever goes wrong afterwards. */
import { describe, expect, it, vi } from "vitest";

import type { Properties } from "../../sdk/provider/engine/handler";
import { failureOf, handler, startCa } from "../support/ca/certificate-strict";

const createPkcs12 = vi.hoisted(() => vi.fn<() => Promise<Uint8Array>>());
vi.mock("../../sdk/x509/pkcs12", () => ({ createPkcs12 }));

describe("a PKCS#12 that cannot be made", () => {
  it("loses neither certificate nor key; the next run makes it without another order", async () => {
    const { ca, asked } = await startCa();
    const wanted: Properties = asked({ pkcs12Password: "changeit" });
    createPkcs12.mockRejectedValueOnce(new Error("no such cipher"));
    const { message, properties = {} } = await failureOf(handler.create(wanted));
    expect(message).toMatch(/pkcs12.*no such cipher/);
    expect(properties["fullchainPem"]).toBeDefined();
    expect(properties["privateKeyPem"]).toBeDefined();
    expect(properties).not.toHaveProperty("pkcs12");

    createPkcs12.mockResolvedValueOnce(new Uint8Array([1, 2, 3]));
    expect(await handler.diff("id", properties, wanted)).toEqual({ changes: true });
    const { outs } = await handler.update("id", properties, wanted);
    expect(outs["pkcs12"]).toBe("AQID");
    expect(outs["fullchainPem"]).toBe(properties["fullchainPem"]);
    expect(ca.count("newOrder")).toBe(1);
  });
});
