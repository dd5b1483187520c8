/** certificate, revokeCert, renewalInfo. */
import { createPublicKey, X509Certificate } from "node:crypto";
import { requireOwn } from "./account-endpoints";
import { urlOf, type SignedRequest, type StrictContext, type StrictRequest } from "./request";
import { json, Refusal, type StrictResponse } from "./response";
import type { StoredCertificate } from "./state";
import { sameKey } from "./verify";

/** RFC 8555 §7.4.2. */
export function certificate(context: StrictContext, request: SignedRequest): StrictResponse {
  const [id = "", chain = "0"] = request.ids;
  const stored = context.state.certificates.get(id);
  const body = stored?.chains[Number(chain)];
  if (stored === undefined || body === undefined || stored.account !== requireOwn(request)) {
    throw new Refusal(404, { type: "malformed", detail: "no such certificate" });
  }
  if (request.headers.accept !== "application/pem-certificate-chain") {
    context.deviations.record(
      "wrong Accept header",
      "certificate",
      `Accept is ${String(request.headers.accept)}`,
    );
  }
  const alternates = stored.chains.flatMap((_, index) =>
    String(index) === chain
      ? []
      : [`<${urlOf(context, "certificate", id, String(index))}>;rel="alternate"`],
  );
  return {
    status: 200,
    headers: {
      "content-type": "application/pem-certificate-chain",
      ...(alternates.length === 0 ? {} : { link: alternates }),
    },
    body,
  };
}

/** RFC 8555 §7.6. */
export function revokeCert(context: StrictContext, request: SignedRequest): StrictResponse {
  const payload = request.payload as { certificate?: unknown; reason?: unknown };
  const der = Buffer.from(String(payload.certificate), "base64url");
  const stored = [...context.state.certificates.values()].find(({ leafDer }) =>
    leafDer.equals(der),
  );
  if (stored === undefined) throw new Refusal(404, { type: "malformed", detail: "unknown" });
  if (!mayRevoke(stored, request)) throw new Refusal(403, { type: "unauthorized" });
  if (stored.revoked !== undefined) throw new Refusal(400, { type: "alreadyRevoked" });
  const { reason } = payload;
  if (reason !== undefined && ![0, 1, 3, 4, 5].includes(reason as number)) {
    throw new Refusal(400, { type: "badRevocationReason", detail: "0, 1, 3, 4 or 5" });
  }
  stored.revoked = { reason: reason as number | undefined };
  return { status: 200, headers: {}, body: "" };
}

function mayRevoke(stored: StoredCertificate, request: SignedRequest): boolean {
  if (request.account !== undefined) return request.account === stored.account;
  const key = createPublicKey({
    key: Buffer.from(stored.publicKey, "base64"),
    format: "der",
    type: "spki",
  });
  return sameKey({ ...key.export({ format: "jwk" }) }, request.jwk);
}

/** RFC 9773 §4.2: a window of two per cent of the lifetime around its second third. */
export function renewalInfo(context: StrictContext, request: StrictRequest): StrictResponse {
  const stored = [...context.state.certificates.values()].find(
    ({ leafDer }) => ariId(leafDer) === request.ids[0],
  );
  if (stored === undefined) throw new Refusal(404, { type: "malformed", detail: "unknown" });
  const leaf = new X509Certificate(stored.leafDer);
  const start = Date.parse(leaf.validFrom);
  const lifetime = Date.parse(leaf.validTo) - start;
  const at = (share: number): string => new Date(start + lifetime * share).toISOString();
  const suggestedWindow =
    stored.revoked === undefined
      ? { start: at(0.657), end: at(0.677) }
      : { start: at(-0.02), end: at(-0.01) };
  return json(200, { suggestedWindow }, { "retry-after": "21600" });
}

/** RFC 9773 §4.1, read from the DER by hand: the serial number is the first INTEGER after the version. */
function ariId(leafDer: Buffer): string {
  const outer = content(leafDer, 0);
  const toBeSigned = content(leafDer, outer.start);
  const version = content(leafDer, toBeSigned.start);
  const serial = content(leafDer, version.end);
  // The key identifier of the only extension 2.5.29.35: OCTET STRING { SEQUENCE { [0] keyIdentifier } }.
  const extension = leafDer.indexOf(Buffer.from("0603551d23", "hex"));
  const value = content(leafDer, extension + 5);
  const sequence = content(leafDer, value.start);
  const keyIdentifier = content(leafDer, sequence.start);
  const part = ({ start, end }: { start: number; end: number }): string =>
    leafDer.subarray(start, end).toString("base64url");
  return `${part(keyIdentifier)}.${part(serial)}`;
}

/** Where the content of the DER element at `offset` starts and ends. */
function content(der: Buffer, offset: number): { start: number; end: number } {
  const first = der[offset + 1] ?? 0;
  const lengthBytes = first < 128 ? 0 : first - 128;
  const length = lengthBytes === 0 ? first : der.readUIntBE(offset + 2, lengthBytes);
  const start = offset + 2 + lengthBytes;
  return { start, end: start + length };
}
