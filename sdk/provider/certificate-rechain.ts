/** Another chain for a certificate that is there. Layer 5; loads the client. */
import type { CertificateArguments } from "../issuance/arguments";
import { credentialsFor, serverFor } from "../issuance/clients";
import { downloadChain } from "../issuance/download";
import { issuerOf } from "./certificate-accounts";
import type { IssuedState } from "./certificate-state";
import { interruptible } from "./interruption";
import type { Reporter } from "./progress";

/**
 * Downloads the chain that `news` prefers; no order.
 *
 * @see RFC 8555 §7.4.2, Downloading the Certificate
 */
export async function rechain(
  state: IssuedState,
  news: CertificateArguments,
  reporter: Reporter,
): Promise<IssuedState> {
  const { certificateUrl } = state;
  if (certificateUrl === undefined) {
    reporter.warn("preferredChain: an adopted certificate keeps its chain until it is renewed");
    return state;
  }
  const issuer = issuerOf(state, news);
  const server = serverFor(issuer);
  const credentials = await credentialsFor(issuer);
  const identifiers = [
    ...state.dnsNames.map((value) => ({ type: "dns" as const, value })),
    ...state.ipAddresses.map((value) => ({ type: "ip" as const, value })),
  ];
  const wanted = {
    identifiers,
    publicKeySha256: state.publicKeySha256,
    preferredChain: news.preferredChain,
  };
  const chain = await interruptible((signal) =>
    downloadChain(server, credentials, certificateUrl, wanted, {
      signal,
      now: Date.now,
      warn: reporter.warn,
    }),
  );
  return { ...state, issuerPem: chain.issuerPem, fullchainPem: chain.fullchainPem };
}
