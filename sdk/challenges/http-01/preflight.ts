/**
 * Asking for the challenges before the CA does: a failed validation counts against a limit, a look from here does not.
 *
 *
 * It stops the issuance only for what the CA will see as well: DNS that denies the name, a web server that answers
 * something else, a port of the loopback interface that refuses. Everything that may be due to where this machine
 * stands is a warning: no route, a firewall, a router that does not let its inside reach its outside, DNS that does
 * not answer here.
 */
import { http01Path } from "../../util/challenge";
import { delay } from "../../util/abort";
import { hostAndPort } from "../../util/host-name";
import { singleLine } from "../../util/text";
import { ChallengeError, type Proof, type SolverContext } from "../solver";
import { type Fetched, fetchChallenge, FetchFailure } from "./fetch-challenge";
import { checkedToken } from "./token";

export interface PreflightOptions extends SolverContext {
  /** Where the CA asks; default 80. */
  readonly httpPort?: number;
  /** `ip:port` of the name servers to ask; default: this machine's own way. */
  readonly resolvers?: readonly string[];
  /** Waits in tests take no time. */
  readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

const AT_ONCE = 16;
/** A web server that has just been reloaded may answer by its old configuration for a moment. */
const AGAIN_AFTER_MS = [300, 1200];

/**
 * Fetches every challenge as the CA will.
 *
 * @throws {@link ChallengeError} naming every name that cannot be proven, what was asked, and what came back.
 */
export async function checkHttp01(
  proofs: readonly Proof[],
  options: PreflightOptions,
): Promise<void> {
  const failures: string[] = [];
  const queue = [...proofs];
  const worker = async (): Promise<void> => {
    for (let proof = queue.shift(); proof !== undefined; proof = queue.shift()) {
      options.progress(`asks for the challenge of ${proof.identifier.value} as the CA will`);
      const failure = await checkOne(proof, options);
      if (failure !== undefined) failures.push(failure);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, proofs.length) }, worker));
  if (failures.length === 0) return;
  throw new ChallengeError(
    `${failures.join("; ")} (the CA was not asked; preflight: false would ask it all the same)`,
  );
}

/** What is wrong with one name; `undefined` when nothing is, or nothing that the CA must see as well. */
async function checkOne(proof: Proof, options: PreflightOptions): Promise<string | undefined> {
  const name = proof.identifier.value;
  const { httpPort = 80, resolvers = [], signal, pause = delay } = options;
  // `URL` leaves the port out where it is 80, and so does the Host header.
  const path = http01Path(checkedToken(proof));
  const url = new URL(path, `http://${hostAndPort(name, httpPort)}`).href;
  for (let tries = 0; ; tries++) {
    let wrong: string | undefined;
    try {
      const fetched = await fetchChallenge(url, { resolvers, signal });
      wrong = fault(proof, fetched);
      if (wrong === undefined) {
        for (const remark of fetched.remarks) options.warn(`http-01 for ${name}: ${remark}`);
        return undefined;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FetchFailure)) throw error;
      if (!error.evident) {
        options.warn(
          `http-01 for ${name}: cannot be checked from here, the CA may see more: ${singleLine(error.message)}`,
        );
        return undefined;
      }
      wrong = singleLine(error.message);
    }
    const wait = AGAIN_AFTER_MS[tries];
    if (wait === undefined) return `http-01 for ${name}: ${wrong}`;
    await pause(wait, signal);
  }
}

/** What a CA would object to, and what to do about it. */
function fault(proof: Proof, { url, address, status, body }: Fetched): string | undefined {
  const text = body.trimEnd();
  if (status === 200 && text === proof.keyAuthorization) return undefined;
  const answered = `${singleLine(url)} at ${address} answered ${String(status)}`;
  if (status !== 200) {
    return `${answered}: the web server there does not serve the challenge; check where the name points, and the solver's path`;
  }
  if (text.startsWith(`${proof.token}.`)) {
    return `${answered} with the thumbprint of another account: the web server's configuration is older than the account`;
  }
  const shown = text === "" ? "an empty body" : `"${singleLine(text, 60)}"`;
  return `${answered} with ${shown} instead of the key authorization: check where the name points, and which server block answers`;
}
