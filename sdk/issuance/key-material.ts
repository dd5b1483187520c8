/** The key of a certificate and the request made with it. */
import type { AcmeIdentifier } from "../acme";
import { ConfigurationError } from "../util/errors";
import { createCertificateRequest, readCertificateRequest } from "../x509/csr";
import { generatePrivateKey, keyTypeOf, normalizePrivateKey, publicKeySha256 } from "../x509/keys";
import type { CertificateArguments } from "./arguments";
import { unsolvable } from "./select-solver";

export interface KeyMaterial {
  readonly privateKeyPem?: string;
  readonly certificateRequest: Uint8Array;
  readonly publicKeySha256: string;
  readonly identifiers: readonly AcmeIdentifier[];
}

/** Keys from before, for when the user brings none. */
export interface FormerKeys {
  /** Of a run that did not end: its order may have been finalized with it. */
  readonly pending?: string | undefined;
  /** Of the certificate that is renewed. */
  readonly current?: string | undefined;
}

export type KeyArguments = Pick<
  CertificateArguments,
  | "account"
  | "dnsNames"
  | "ipAddresses"
  | "keyType"
  | "keyPolicy"
  | "privateKeyPem"
  | "certificateRequestPem"
  | "commonName"
  | "mustStaple"
  | "solvers"
>;

/** The key and the request: the user's, the interrupted run's, the old one where it is to be reused, else a new one. */
export async function keyMaterial(args: KeyArguments, former: FormerKeys): Promise<KeyMaterial> {
  if (args.certificateRequestPem !== undefined)
    return fromRequest(args.certificateRequestPem, args);
  const keyType = args.keyType ?? "P256";
  const reusable =
    args.keyPolicy === "reuse" &&
    former.current !== undefined &&
    keyTypeOf(former.current) === keyType
      ? former.current
      : undefined;
  const privateKeyPem =
    args.privateKeyPem === undefined
      ? (former.pending ?? reusable ?? (await generatePrivateKey(keyType)))
      : normalizePrivateKey(args.privateKeyPem);
  const publicKey = publicKeySha256(privateKeyPem);
  // RFC 8555 §11.1: an account key must not be used for a certificate.
  if (publicKey === publicKeySha256(args.account.accountKeyPem)) {
    throw new ConfigurationError(
      "privateKeyPem: is the account's key; a certificate needs a key of its own (RFC 8555 §11.1)",
    );
  }
  const dnsNames = args.dnsNames ?? [];
  const ipAddresses = args.ipAddresses ?? [];
  const certificateRequest = await createCertificateRequest({
    privateKeyPem,
    dnsNames,
    ipAddresses,
    commonName: args.commonName,
    mustStaple: args.mustStaple,
  });
  return {
    privateKeyPem,
    certificateRequest,
    publicKeySha256: publicKey,
    identifiers: identifiersOf(dnsNames, ipAddresses),
  };
}

/** A CSR is parsed here, not in `check`: that needs the X.509 library. */
function fromRequest(pem: string, args: KeyArguments): KeyMaterial {
  const request = readCertificateRequest(pem);
  if (request.publicKeySha256 === publicKeySha256(args.account.accountKeyPem)) {
    throw new ConfigurationError(
      "certificateRequestPem: is made with the account's key; a certificate needs a key of its own (RFC 8555 §11.1)",
    );
  }
  const identifiers = identifiersOf(request.dnsNames, request.ipAddresses);
  for (const identifier of args.solvers === undefined ? [] : identifiers) {
    const reason = unsolvable(args.solvers ?? [], identifier);
    if (reason !== undefined)
      throw new ConfigurationError(`certificateRequestPem: ${identifier.value} ${reason}`);
  }
  return { certificateRequest: request.der, publicKeySha256: request.publicKeySha256, identifiers };
}

function identifiersOf(
  dnsNames: readonly string[],
  ipAddresses: readonly string[],
): AcmeIdentifier[] {
  return [
    ...dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
}
