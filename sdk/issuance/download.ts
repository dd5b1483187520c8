/**
 * Downloading a certificate and picking its chain.
 *
 * @see RFC 8555 §7.4.2, Downloading the Certificate
 */
import {
  type AccountCredentials,
  type AcmeIdentifier,
  type AcmeClient,
  downloadCertificate,
} from "../acme";
import {
  chainMatches,
  checkChain,
  type CheckedChain,
  type ExpectedCertificate,
} from "../x509/chain";

/** What the certificate must be for, and which chain is wanted. */
export interface Wanted {
  readonly identifiers: readonly AcmeIdentifier[];
  /** Base64. */
  readonly publicKeySha256: string;
  /** A common name or a SHA-256 fingerprint. */
  readonly preferredChain?: string;
}

export interface DownloadContext {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly warn: (message: string) => void;
}

const MAX_ALTERNATES = 10;

/** Downloads the chain, or the alternate that the user prefers, and checks it before anybody sees it. */
export async function downloadChain(
  client: AcmeClient,
  credentials: AccountCredentials,
  certificateUrl: string,
  wanted: Wanted,
  context: DownloadContext,
): Promise<CheckedChain> {
  const options = { signal: context.signal };
  const { chainPem, hadText, alternates } = await downloadCertificate(
    client,
    credentials,
    certificateUrl,
    options,
  );
  if (hadText) {
    context.warn(
      "the CA sent text besides the certificates of the chain, which RFC 8555 §9.1 forbids: it is left out",
    );
  }
  const expected = expectationOf(wanted, context.now());
  const byDefault = checkChain(chainPem, expected);
  for (const warning of byDefault.warnings) context.warn(warning);
  const preferred = wanted.preferredChain;
  if (preferred === undefined || chainMatches(chainPem, preferred)) return byDefault;
  for (const url of alternates.slice(0, MAX_ALTERNATES)) {
    const alternate = await alternateChain(client, credentials, url, options);
    const checked =
      alternate === undefined ? undefined : preferredChain(alternate, preferred, expected);
    // An alternate is another way up from the same certificate (RFC 8555 §7.4.2).
    if (checked?.leafPem === byDefault.leafPem) return checked;
  }
  context.warn(`no chain that the CA offers leads to "${preferred}": its default chain is used`);
  return byDefault;
}

/** The alternate, checked, where it is the chain that is wanted; one that is broken is none. */
function preferredChain(
  alternatePem: string,
  preferred: string,
  expected: ExpectedCertificate,
): CheckedChain | undefined {
  try {
    return chainMatches(alternatePem, preferred) ? checkChain(alternatePem, expected) : undefined;
  } catch {
    return undefined;
  }
}

/** A failing alternate is no reason to lose the certificate. */
async function alternateChain(
  client: AcmeClient,
  credentials: AccountCredentials,
  url: string,
  options: { signal: AbortSignal },
): Promise<string | undefined> {
  try {
    return (await downloadCertificate(client, credentials, url, options)).chainPem;
  } catch (error) {
    if (options.signal.aborted) throw error;
    return undefined;
  }
}

function expectationOf({ identifiers, publicKeySha256 }: Wanted, now: number) {
  const valuesOf = (type: AcmeIdentifier["type"]): string[] =>
    identifiers.filter((identifier) => identifier.type === type).map(({ value }) => value);
  return { publicKeySha256, dnsNames: valuesOf("dns"), ipAddresses: valuesOf("ip"), now };
}
