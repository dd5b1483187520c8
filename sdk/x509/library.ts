/** The only import of @peculiar/x509. */
// It throws while loading unless this is loaded first (PeculiarVentures/x509#116).
import "reflect-metadata";
import * as x509 from "@peculiar/x509";

export { x509 };

/** Object identifiers that are read and written. */
export const OID = {
  subjectAlternativeName: "2.5.29.17",
  authorityKeyIdentifier: "2.5.29.35",
  /** RFC 7633 §4.1 */
  tlsFeature: "1.3.6.1.5.5.7.1.24",
} as const;
