/** TLSA records for DANE. Pure. */

/** A TLSA record for the certificate's public key, in the shape that DNS providers take. */
export interface TlsaRecord {
  /** `_443._tcp.example.com`, without a trailing dot. */
  name: string;
  type: "TLSA";
  /** 3: the certificate of the server itself (DANE-EE). */
  usage: 3;
  /** 1: its public key. */
  selector: 1;
  /** 1: by SHA-256. */
  matchingType: 1;
  /** The digest, in lower-case hex. */
  data: string;
  /** Everything in one text: `3 1 1 <digest>`. */
  value: string;
}

/**
 * The record that pins the public key at `port` of `host`.
 *
 * @param publicKeySha256 - SHA-256 of the SubjectPublicKeyInfo, base64.
 * @throws Error when there is no host to name: only wildcards in the certificate.
 * @see RFC 6698 §2.1, RFC 7671 §5.1
 */
export function tlsaRecordFor(
  port: number,
  host: string | undefined,
  dnsNames: readonly string[],
  publicKeySha256: string,
): TlsaRecord {
  const name = host ?? dnsNames.find((candidate) => !candidate.startsWith("*."));
  if (name === undefined) {
    throw new Error(
      `tlsaRecord: the certificate has no name of one host (${dnsNames.join(", ")}); give the host as second argument`,
    );
  }
  const data = Buffer.from(publicKeySha256, "base64").toString("hex");
  return {
    name: `_${String(port)}._tcp.${name.replace(/\.$/, "")}`,
    type: "TLSA",
    usage: 3,
    selector: 1,
    matchingType: 1,
    data,
    value: `3 1 1 ${data}`,
  };
}
