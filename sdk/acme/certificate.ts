/** Certificates: download and revocation. */
import type { AccountCredentials } from "./account";
import { AcmeProtocolError } from "./errors";
import type { AccountKey } from "./keys";
import { linkTargets } from "./links";
import { hasProblemType } from "./problems";
import { post, postToEndpoint } from "./request";
import type { AcmeRequestOptions, AcmeClient } from "./client";
import { decodeBase64, encodePem, readPem } from "../util/pem";
import { singleLine } from "../util/text";
import { handedOutUrl } from "./urls";

const MAX_CHAIN = 20;
const MAX_ALTERNATES = 10;

export interface DownloadedCertificate {
  /** The certificate, then its issuers; each ends with one newline. */
  readonly chainPem: string;
  /** The CA's answer also held text outside of the certificates, which was left out. */
  readonly hadText: boolean;
  /** URLs of other chains for the same certificate, ten at most. */
  readonly alternates: string[];
}

/**
 * Downloads a certificate and its chain.
 *
 * @throws {@link AcmeProtocolError} for anything but certificates in PEM, which would end up in the file that a web
 * server reads
 * @see RFC 8555 §7.4.2, Downloading the Certificate
 */
export async function downloadCertificate(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: AcmeRequestOptions = {},
): Promise<DownloadedCertificate> {
  const what = `certificate ${url}`;
  const answer = await post(
    client,
    { what, url, signer: credentials, accept: "application/pem-certificate-chain" },
    options,
  );
  const alternates = linkTargets(answer.headers.get("link"), "alternate").flatMap((target) => {
    try {
      return [handedOutUrl(what, target, answer.url)];
    } catch {
      // Alternates are optional: one whose URL is not allowed is left out.
      return [];
    }
  });
  return {
    ...parseChain(what, url, answer.text),
    alternates: [...new Set(alternates)].slice(0, MAX_ALTERNATES),
  };
}

/**
 * Reads `application/pem-certificate-chain`.
 *
 * RFC 8555 §11.4: "Clients … SHOULD verify that the response contains only certificates". §9.1 forbids explanatory text,
 * too, but private CAs that build chains with `openssl pkcs7 -print_certs` send it: it is left out.
 *
 * @see certbot/certbot#6321
 */
function parseChain(
  what: string,
  url: string,
  text: string,
): Pick<DownloadedCertificate, "chainPem" | "hadText"> {
  const broken = (reason: string): AcmeProtocolError =>
    new AcmeProtocolError(`acme: ${what}: ${reason}`, url);
  const { blocks, outside, isDamaged } = readPem(text);
  const other = blocks.find(({ label }) => label !== "CERTIFICATE");
  if (other !== undefined) {
    throw broken(`the CA sent something else among the certificates: ${singleLine(other.label)}`);
  }
  if (isDamaged) throw broken("the CA sent a chain that is cut off or damaged");
  if (blocks.length === 0) throw broken("the CA sent no certificate in PEM");
  if (blocks.length > MAX_CHAIN) {
    throw broken(`the chain has ${String(blocks.length)} certificates`);
  }
  const certificates = blocks.map(({ body }) => {
    const der = decodeBase64(body);
    // Every certificate is a DER SEQUENCE of more than 127 bytes.
    if (der === undefined || der.length < 128 || der[0] !== 0x30) {
      throw broken("the CA sent a block that is not a certificate");
    }
    return encodePem("CERTIFICATE", der);
  });
  return { chainPem: certificates.join(""), hadText: outside !== "" };
}

/** @see RFC 5280 §5.3.1, for the numbers */
export type RevocationReasonCode = number;

/**
 * Revokes a certificate. Succeeds also if it is revoked already.
 *
 * @param signer - an account that ordered it or has authorizations for all of its names, or the certificate's own key,
 * which works without any account
 * @param reason - default: none; most CAs allow 0, 1, 3, 4, 5 or fewer
 * @throws {@link AcmeProblemError} `badRevocationReason`, `unauthorized`
 * @see RFC 8555 §7.6, Certificate Revocation
 */
export async function revokeCertificate(
  client: AcmeClient,
  signer: AccountCredentials | { readonly certificateKey: AccountKey },
  certificateDer: Uint8Array,
  reason?: RevocationReasonCode,
  options: AcmeRequestOptions = {},
): Promise<void> {
  const payload = {
    certificate: Buffer.from(certificateDer).toString("base64url"),
    reason,
  };
  try {
    await postToEndpoint(
      client,
      "revokeCert",
      {
        what: "revoking a certificate",
        signer: "certificateKey" in signer ? { key: signer.certificateKey } : signer,
        payload: () => payload,
      },
      options,
    );
  } catch (error) {
    if (hasProblemType(error, "alreadyRevoked")) return;
    throw error;
  }
}
