/** What a client did that the RFC forbids. */

export type Rule =
  | "URL not handed out"
  | "base64url with padding"
  | "challenge answered twice"
  | "challenge fetched"
  | "challenge response not {}"
  | "external account binding in a look-up"
  | "fault of this server"
  | "finalize before ready"
  | "malformed JWS"
  | "name not canonical"
  | "no Accept-Language"
  | "no User-Agent"
  | "no external account binding"
  | "nonce unknown or used twice"
  | "replaces without renewal information"
  | "retry without the nonce of badNonce"
  | "url of another request"
  | "wrong Accept header"
  | "wrong certificate request"
  | "wrong choice of jwk or kid"
  | "wrong content type"
  | "wrong external account binding"
  | "wrong identifiers"
  | "wrong inner JWS of a key change"
  | "wrong members in the jwk"
  | "wrong members in the payload"
  | "wrong method or payload"
  | "wrong protected header"
  | "wrong signature"
  | "wrong signature algorithm";

export type Complain = (rule: Rule, message: string) => void;

export interface Deviation {
  readonly rule: Rule;
  readonly endpoint: string;
  readonly message: string;
}

export class Deviations {
  readonly #found: Deviation[] = [];
  readonly #tolerated = new Set<Rule>();

  record(rule: Rule, endpoint: string, message: string): void {
    if (!this.#tolerated.has(rule)) this.#found.push({ rule, endpoint, message });
  }

  /** From now on, breaches of this rule are expected: the test provokes them. */
  tolerate(rule: Rule): void {
    this.#tolerated.add(rule);
  }

  get found(): readonly Deviation[] {
    return this.#found;
  }

  /** Throws an error that lists them, if there are any. */
  assertNone(): void {
    if (this.#found.length === 0) return;
    const lines = this.#found.map(
      ({ rule, endpoint, message }) => `${rule} at ${endpoint}: ${message}`,
    );
    throw new Error(`the client deviated from RFC 8555:\n${lines.join("\n")}`);
  }
}
