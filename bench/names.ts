/** What certificates of the bench are for. */
import { X509Certificate } from "node:crypto";

/** A zone that all names are in. */
export const ZONE = "bench.example";

let orders = 0;

/** Names that were never proven before: no authorization is used again. The part after the first dot is theirs alone. */
export function freshNames(count: number): string[] {
  orders++;
  return Array.from(
    { length: count },
    (_, index) => `host-${String(index)}.order-${String(orders)}.${ZONE}`,
  );
}

/** Who delivers something else has not finished. */
export function verify(certificatePem: string, names: readonly string[]): void {
  const leaf = new X509Certificate(certificatePem);
  const missing = names.filter((name) => leaf.checkHost(name) === undefined);
  if (missing.length > 0) throw new Error(`the certificate is not for ${missing.join(", ")}`);
}
