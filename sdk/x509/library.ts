/** The one door to @peculiar/x509. */
// It throws while loading unless this stands before it (PeculiarVentures/x509#116).
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export { x509 };

/** Object identifiers of what we read and write. */
export const OID = {
  subjectAlternativeName: "2.5.29.17",
  authorityKeyIdentifier: "2.5.29.35",
  /** RFC 7633 §4.1 */
  tlsFeature: "1.3.6.1.5.5.7.1.24",
} as const;
