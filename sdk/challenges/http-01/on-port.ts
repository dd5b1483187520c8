/** http-01 answered by this process, on a port of this machine or of a host behind SSH. */
import { describeTarget } from "../../hosts";
import { messageOf } from "../../util/errors";
import { enumerate } from "../../util/text";
import { describePort, type ListenAddress, SharedListeners } from "../shared-listener";
import { ChallengeError, type Proof, type Solver } from "../solver";
import { createAnswerServer } from "./answer-server";
import { checkedToken } from "../token";
import { Uses } from "../uses";

/** The answers of one port: by token, until the last certificate that proves it has left. */
class Tokens {
  readonly contents = new Map<string, string>();
  readonly #uses = new Uses();

  add(token: string, content: string): void {
    this.#uses.retain(token);
    this.contents.set(token, content);
  }

  remove(token: string): void {
    if (this.#uses.release(token)) this.contents.delete(token);
  }
}

/** All who prove names on one port share it; the last one closes it. */
const ports = new SharedListeners(() => {
  const answers = new Tokens();
  const server = createAnswerServer(answers.contents);
  return {
    answers,
    accept: (connection) => server.emit("connection", connection),
    close: () => server.close(),
  };
});

/** @param means - for messages: "a listener on", "a tunnel from" */
export function solverOnPort(at: ListenAddress, means: string): Solver {
  const where = `${means} port ${describePort(at)} of ${describeTarget(at.target)}`;
  return {
    challengeType: "http-01",
    label: `http-01 by ${where}`,
    present: async (proofs, context) => {
      const answers = proofs.map((proof) => [checkedToken(proof), proof.keyAuthorization] as const);
      context.progress(`opens ${where}`);
      const listening = await ports.join(at, context).catch((error: unknown) => {
        context.signal.throwIfAborted();
        throw failed(proofs, error);
      });
      for (const [token, content] of answers) listening.answers.add(token, content);
      return {
        broken: listening.broken,
        cleanUp: async () => {
          for (const [token] of answers.splice(0)) listening.answers.remove(token);
          await listening.leave();
        },
      };
    },
  };
}

function failed(proofs: readonly Proof[], error: unknown): ChallengeError {
  const names = enumerate(proofs.map(({ identifier }) => identifier.value));
  const inUse = (error as { code?: unknown }).code === "port-in-use";
  const remedy = inUse
    ? "; if that is a web server, prove the names by webroot or stateless instead"
    : "";
  return new ChallengeError(`http-01 for ${names}: ${messageOf(error)}${remedy}`, { cause: error });
}
