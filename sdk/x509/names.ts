/** Subject alternative names, from and to text. */
import { asSet, canonicalAddress } from "../util/names";
import { OID, x509 } from "./library";

export interface SubjectNames {
  /** Lower case, sorted, each once. */
  readonly dnsNames: string[];
  /** RFC 5952, sorted, each once. */
  readonly ipAddresses: string[];
  /** Kinds of other names: `email`, `url` … */
  readonly others: string[];
}

/** The extension for a request or a certificate. */
export function subjectAlternativeName(
  dnsNames: readonly string[],
  ipAddresses: readonly string[],
): x509.SubjectAlternativeNameExtension {
  return new x509.SubjectAlternativeNameExtension([
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    // The library misreads `::ffff:192.0.2.1` and the like, but not the form without dots.
    ...ipAddresses.map((value) => ({ type: "ip" as const, value: canonicalAddress(value) })),
  ]);
}

/** The names in the subject alternative name among `extensions`; none where there is none. */
export function subjectNames(extensions: readonly x509.Extension[]): SubjectNames {
  const extension = extensions.find(({ type }) => type === OID.subjectAlternativeName);
  if (extension === undefined) return { dnsNames: [], ipAddresses: [], others: [] };
  const items = new x509.SubjectAlternativeNameExtension(extension.rawData).names.items;
  const values = (wanted: string): string[] =>
    items.filter(({ type }) => type === wanted).map(({ value }) => value);
  return {
    dnsNames: asSet(values("dns").map((name) => name.toLowerCase())),
    ipAddresses: asSet(values("ip").map(canonicalAddress)),
    others: asSet(items.map(({ type }) => type as string)).filter(
      (type) => type !== "dns" && type !== "ip",
    ),
  };
}
