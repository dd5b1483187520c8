/** Taking over a certificate that somebody else obtained. */
import { ConfigurationError } from "../util/errors";
import { enumerate } from "../util/text";
import { instant } from "../util/instant";
import { type CertificateFacts, describeCertificate } from "../x509/certificate";
import { MAX_CLOCK_SKEW_MS } from "../x509/chain";
import { isSameKey, keyTypeOf, normalizePrivateKey, publicKeySha256 } from "../x509/keys";
import { splitCertificates } from "../x509/pem";
import type { CertificateArguments } from "./arguments";
import { renewalInstant } from "./renewal";

export interface Adopted {
  readonly leafPem: string;
  readonly issuerPem: string;
  readonly fullchainPem: string;
  readonly leaf: CertificateFacts;
  readonly privateKeyPem: string;
}

export type AdoptArguments = Pick<
  CertificateArguments,
  "existing" | "dnsNames" | "ipAddresses" | "keyType" | "privateKeyPem" | "renewBefore"
>;

/**
 * The `existing` certificate when it can stand for what is asked, else why it cannot: then one is issued.
 *
 * @throws {@link ConfigurationError} when certificate and key do not belong together: that is a mistake, not a state.
 */
export function adoptCertificate(
  args: AdoptArguments,
  now: number,
): Adopted | { readonly refused: string } | undefined {
  if (args.existing === undefined) return undefined;
  const certificates = splitCertificates(args.existing.fullchainPem);
  const [leafPem, ...issuers] = certificates;
  if (leafPem === undefined)
    throw new ConfigurationError("existing.fullchainPem: holds no certificate");
  const privateKeyPem = normalizePrivateKey(args.existing.privateKeyPem);
  if (!isSameKey(privateKeyPem, leafPem)) {
    throw new ConfigurationError(
      "existing.privateKeyPem: is not the key of the first certificate in existing.fullchainPem",
    );
  }
  const leaf = describeCertificate(leafPem);
  const refused = mismatch(leaf, privateKeyPem, args, now);
  if (refused !== undefined) return { refused };
  return {
    leafPem,
    issuerPem: issuers.join(""),
    fullchainPem: certificates.join(""),
    leaf,
    privateKeyPem,
  };
}

function mismatch(
  leaf: CertificateFacts,
  privateKeyPem: string,
  args: AdoptArguments,
  now: number,
): string | undefined {
  const missing = [
    ...(args.dnsNames ?? []).filter((name) => !leaf.dnsNames.includes(name)),
    ...(args.ipAddresses ?? []).filter((address) => !leaf.ipAddresses.includes(address)),
  ];
  if (missing.length > 0) return `it is not for ${enumerate(missing)}`;
  if (args.keyType !== undefined && keyTypeOf(privateKeyPem) !== args.keyType) {
    return `its key is not of type ${args.keyType}`;
  }
  if (
    args.privateKeyPem !== undefined &&
    publicKeySha256(args.privateKeyPem) !== leaf.publicKeySha256
  ) {
    return "its key is another than privateKeyPem";
  }
  const validity = { notBefore: leaf.notBefore.getTime(), notAfter: leaf.notAfter.getTime() };
  if (validity.notAfter <= now) return "it has expired";
  if (validity.notBefore > now + MAX_CLOCK_SKEW_MS) {
    return `it is not valid before ${instant(leaf.notBefore)}`;
  }
  if (renewalInstant(validity, args.renewBefore, undefined, leaf.fingerprintSha256) <= now)
    return "it is due for renewal";
  return undefined;
}
