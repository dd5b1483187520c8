/** PKCS#12 files (`.p12`, `.pfx`) for servers that want them. Loads pkijs, so callers import it when needed. */
import { createHash, X509Certificate } from "node:crypto";

import { OctetString } from "asn1js";
import * as pkijs from "pkijs";

import { ConfigurationError } from "../util/errors";
import { readPrivateKey } from "./keys";
import { splitCertificates } from "./pem";

/* pkijs's numbers for RFC 7292 §3.1's modes. The key's safe is not encrypted because its only bag is. */
const IN_CLEAR = 0;

const ENCRYPTED = 1;
const BY_PASSWORD = 0;

const OID = {
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certificateBag: "1.2.840.113549.1.12.10.1.3",
  x509Certificate: "1.2.840.113549.1.9.22.1",
  localKeyId: "1.2.840.113549.1.9.21",
};

export interface Pkcs12Content {
  readonly privateKeyPem: string;
  /** Leaf first. */
  readonly fullchainPem: string;
  /** Printable ASCII: Java's keytool reads no other. */
  readonly password: string;
}

/** PBES2 with AES-256-CBC, and PBKDF2 with HMAC-SHA-256: what OpenSSL 3 writes, and Java 8u301 and later read. */
const ITERATIONS = 100_000;
const ENCRYPTION = {
  contentEncryptionAlgorithm: { name: "AES-CBC", length: 256 },
  hmacHashAlgorithm: "SHA-256",
  iterationCount: ITERATIONS,
};

/**
 * A PKCS#12 file with the key and the whole chain, encrypted and authenticated by `password`.
 *
 * @throws {@link ConfigurationError} for a password that not every reader accepts.
 * @see RFC 7292
 */
export async function createPkcs12(content: Pkcs12Content): Promise<Uint8Array> {
  if (!/^[\x20-\x7e]+$/.test(content.password)) {
    throw new ConfigurationError(
      "the password of a PKCS#12 file must be printable ASCII, and not empty",
    );
  }
  const password = new TextEncoder().encode(content.password).buffer;
  const certificates = splitCertificates(content.fullchainPem).map(
    (pem) => new X509Certificate(pem).raw,
  );
  const localKeyId = createHash("sha1")
    .update(certificates[0] ?? "")
    .digest();
  const authenticatedSafe = new pkijs.AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        {
          privacyMode: IN_CLEAR,
          value: await keySafe(content.privateKeyPem, localKeyId, password),
        },
        { privacyMode: ENCRYPTED, value: certificateSafe(certificates, localKeyId) },
      ],
    },
  });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, { password, ...ENCRYPTION }] });
  const pfx = new pkijs.PFX({
    parsedValue: { integrityMode: BY_PASSWORD, authenticatedSafe },
  });
  await pfx.makeInternalValues({
    password,
    iterations: ITERATIONS,
    pbkdf2HashAlgorithm: "SHA-256",
    hmacHashAlgorithm: "SHA-256",
  });
  return new Uint8Array(pfx.toSchema().toBER(false));
}

async function keySafe(
  privateKeyPem: string,
  localKeyId: Uint8Array,
  password: ArrayBuffer,
): Promise<pkijs.SafeContents> {
  const pkcs8 = readPrivateKey(privateKeyPem).export({ type: "pkcs8", format: "der" });
  const bag = new pkijs.PKCS8ShroudedKeyBag({
    parsedValue: pkijs.PrivateKeyInfo.fromBER(new Uint8Array(pkcs8)),
  });
  await bag.makeInternalValues({ password, ...ENCRYPTION });
  return safeOf([{ bagId: OID.shroudedKeyBag, bagValue: bag, localKeyId }]);
}

/** Only the leaf has the key's id: that is how readers tell it from its issuers. */
function certificateSafe(
  certificates: readonly Uint8Array[],
  localKeyId: Uint8Array,
): pkijs.SafeContents {
  return safeOf(
    certificates.map((der, index) => ({
      bagId: OID.certificateBag,
      // The octets as they are: encoded again they might differ, and the signature would be wrong.
      bagValue: new pkijs.CertBag({
        certId: OID.x509Certificate,
        certValue: new OctetString({ valueHex: new Uint8Array(der) }),
      }),
      localKeyId: index === 0 ? localKeyId : undefined,
    })),
  );
}

interface Bag {
  readonly bagId: string;
  readonly bagValue: pkijs.PKCS8ShroudedKeyBag | pkijs.CertBag;
  readonly localKeyId: Uint8Array | undefined;
}

function safeOf(bags: readonly Bag[]): pkijs.SafeContents {
  return new pkijs.SafeContents({
    safeBags: bags.map(({ bagId, bagValue, localKeyId }) => {
      if (localKeyId === undefined) return new pkijs.SafeBag({ bagId, bagValue });
      const values = [new OctetString({ valueHex: new Uint8Array(localKeyId) })];
      const bagAttributes = [new pkijs.Attribute({ type: OID.localKeyId, values })];
      return new pkijs.SafeBag({ bagId, bagValue, bagAttributes });
    }),
  });
}
