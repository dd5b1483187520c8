/** The program of a deployment, talked to by hand: a test can stop between any two words. */
import type { Plan } from "../../../sdk/deploy";
import { BOOTSTRAP, sendable, TRANSACTION } from "../../../sdk/deploy/program";
import { transactionRecords, wordsOf } from "../../../sdk/deploy/records";
import type { Conversation, Host } from "../../../sdk/hosts";

const TAG = "tag";

export function startProgram(host: Host): Promise<Conversation> {
  return host.converse(BOOTSTRAP, { timeoutMs: 25_000 });
}

/**
 * All that the program reads before it switches, for a deployment whose verdict it asks for. It waits for nobody: a
 * second for everything.
 */
export function payloadOf(plan: Plan, nonce: string, seconds = 1, commandSeconds = 1): string {
  const patience = {
    others: seconds,
    verdict: seconds,
    test: commandSeconds,
    reload: commandSeconds,
  };
  const options = { claims: new Set<string>(), verify: true, patience };
  return sendable(TRANSACTION) + transactionRecords({ tag: TAG, nonce }, plan, options);
}

/** The program's words up to one that begins with one of `ends`. */
export async function until(talk: Conversation, ...ends: string[]): Promise<string[]> {
  for (;;) {
    const line = await talk.readLine();
    if (line === undefined) throw new Error("the program ended without a word");
    const words = wordsOf(line, TAG) ?? [];
    if (ends.includes(words[0] ?? "")) return words;
  }
}
