/** The preflight of http-01: fetches every challenge as the CA will. */
import { http01Path } from "../../util/challenge";
import { hostAndPort } from "../../util/host-name";
import { singleLine } from "../../util/text";
import { checkChallenges, type PreflightOptions } from "../preflight/check";
import { ProbeFailure } from "../preflight/probe";
import type { Proof } from "../solver";
import { checkedToken } from "../token";
import { type Fetched, fetchChallenge } from "./fetch-challenge";

export interface Http01PreflightOptions extends PreflightOptions {
  /** Where the CA asks; default 80. */
  readonly httpPort?: number;
  /** Where it follows redirects to https, besides 443. */
  readonly tlsPort?: number;
}

const PUBLIC_PORTS = [80, 443];

/** @throws {@link ChallengeError} naming every name that cannot be proven, what was asked, and what came back. */
export async function checkHttp01(
  proofs: readonly Proof[],
  { httpPort = 80, tlsPort = 443, ...options }: Http01PreflightOptions,
): Promise<void> {
  const ports = [...PUBLIC_PORTS, httpPort, tlsPort];
  await checkChallenges(proofs, options, async (proof, probeOptions) => {
    // `URL` leaves the port out where it is 80, and so does the Host header.
    const origin = `http://${hostAndPort(proof.identifier.value, httpPort)}`;
    const { href } = new URL(http01Path(checkedToken(proof)), origin);
    const fetched = await fetchChallenge(href, { ...probeOptions, ports });
    const problem = problemWith(proof, fetched);
    if (problem !== undefined) throw new ProbeFailure(problem, fetched.asCa);
    return fetched.remarks;
  });
}

/** What a CA would object to, and what to do about it. */
function problemWith(proof: Proof, fetched: Fetched): string | undefined {
  const { url, address, status } = fetched;
  const text = fetched.body.trimEnd();
  if (status === 200 && text === proof.keyAuthorization) return undefined;
  const answered = `${singleLine(url)} at ${address} answered ${String(status)}`;
  if (status !== 200) {
    return `${answered}: the web server there does not serve the challenge; check where the name points, and the solver's path`;
  }
  if (text.startsWith(`${proof.token}.`)) {
    return `${answered} with the thumbprint of another account: the web server's configuration is older than the account`;
  }
  return `${answered} with ${describeBody(fetched)} instead of the key authorization: check where the name points, and which server block answers`;
}

/** Who redirects chooses the page: it may be one that is meant for this machine alone. */
function describeBody({ body, redirected }: Fetched): string {
  const text = body.trimEnd();
  if (text === "") return "an empty body";
  return redirected ? `${String(Buffer.byteLength(body))} bytes` : `"${singleLine(text, 60)}"`;
}
