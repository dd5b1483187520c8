/** Another chain for a certificate that is there. Loads the client. */
import type { CertificateArguments } from "../../issuance/arguments";
import { credentialsFor, clientFor } from "../../issuance/clients";
import { downloadChain } from "../../issuance/download";
import { issuerOf } from "./accounts";
import type { IssuedState } from "./state";
import { interruptible } from "../engine/interruption";
import type { Reporter } from "../engine/progress";

/**
 * Downloads the chain that `news` prefers; no order.
 *
 * @see RFC 8555 §7.4.2, Downloading the Certificate
 */
export async function switchChain(
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
  const client = clientFor(issuer);
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
    downloadChain(client, credentials, certificateUrl, wanted, {
      signal,
      now: Date.now,
      warn: reporter.warn,
    }),
  );
  return { ...state, issuerPem: chain.issuerPem, fullchainPem: chain.fullchainPem };
}
