/** Which ways of authentication a connection has, and in which order they are tried. Pure. */
import { enumerate } from "../../util/text";

/** One way, in the form that ssh2's `authHandler` takes. */
export type AuthMethod =
  | { readonly type: "none"; readonly username: string }
  | { readonly type: "publickey"; readonly username: string; readonly key: unknown }
  | { readonly type: "agent"; readonly username: string; readonly agent: string }
  | { readonly type: "password"; readonly username: string; readonly password: string }
  | {
      readonly type: "keyboard-interactive";
      readonly username: string;
      readonly prompt: (
        name: string,
        instructions: string,
        language: string,
        prompts: readonly { readonly prompt: string }[],
        finish: (answers: string[]) => void,
      ) => void;
    };

/** Answers what asks for a password with it, and nothing else: least of all "New password:". */
export function keyboardInteractive(username: string, password: string): AuthMethod {
  const answer = ({ prompt }: { readonly prompt: string }): string =>
    /passw|passphrase/i.test(prompt) && !/new|retype|again/i.test(prompt) ? password : "";
  return {
    type: "keyboard-interactive",
    username,
    prompt: (_name, _instructions, _language, prompts, finish) => {
      finish(prompts.map(answer));
    },
  };
}

/** Goes through `methods` as far as the server allows them, and remembers what was tried. */
export class Authentication {
  readonly #methods: readonly AuthMethod[];
  #left: AuthMethod[];
  #last: AuthMethod | undefined;
  #allowed: readonly string[] = [];
  readonly #tried = new Set<string>();
  readonly #remarks: string[] = [];

  constructor(methods: readonly AuthMethod[]) {
    this.#methods = methods;
    this.#left = [...methods];
  }

  /**
   * The next way to try; `false` when there is none.
   *
   * @param allowed - what the server still allows; `null` before it was asked.
   * @param partial - the last way was right, but the server wants another one besides.
   */
  next(allowed: readonly string[] | null, partial: boolean | null): AuthMethod | false {
    if (allowed !== null) this.#allowed = allowed;
    // A second factor may be one that was refused as the first; each success takes one away, so this ends.
    if (partial === true) this.#left = this.#methods.filter((method) => method !== this.#last);
    const index = this.#left.findIndex(
      ({ type }) => allowed === null || allowed.includes(type === "agent" ? "publickey" : type),
    );
    const method = this.#left.splice(index, index < 0 ? 0 : 1)[0];
    if (method === undefined) return false;
    this.#last = method;
    if (method.type !== "none")
      this.#tried.add(method.type === "publickey" ? "the private key" : `the ${method.type}`);
    return method;
  }

  /** Something to say besides, should all fail: an agent that does not answer. */
  remark(text: string): void {
    this.#remarks.push(text);
  }

  get begun(): boolean {
    return this.#last !== undefined;
  }

  /** "user deploy was refused: tried the private key; the host allows publickey". */
  refusal(user: string): string {
    const tried =
      this.#tried.size === 0 ? "nothing to try" : `tried ${enumerate([...this.#tried])}`;
    const allows =
      this.#allowed.length === 0 ? "" : `; the host allows ${enumerate(this.#allowed)}`;
    return [`user ${user} was refused: ${tried}${allows}`, ...this.#remarks].join("; ");
  }
}
