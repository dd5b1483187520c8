/** A response, and what its headers and its problem document say. Pure. */
import { parseRetryAfter } from "../util/retry-after";
import { linkTargets } from "./links";
import { AcmeProblemError, parseProblem, type Problem } from "./problems";

/** A response that has been read to its end. */
export interface Answer {
  /** The URL that answered. */
  readonly url: string;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly text: string;
  readonly nonce: string | undefined;
}

/** What a user can do about a problem. */
export type Hint = (problem: Problem) => string | undefined;

/**
 * The error that an answer with a failure status stands for.
 *
 * @param what - for the message: "order for example.com"
 * @param now - epoch milliseconds
 */
export function problemErrorOf(
  what: string,
  answer: Answer,
  now: number,
  hint?: Hint,
): AcmeProblemError {
  const problem = parseProblem(answer.status, answer.text);
  const links = answer.headers.get("link");
  return new AcmeProblemError(what, problem, {
    status: answer.status,
    url: answer.url,
    retryAt: retryAtOf(answer, now) ?? retryAtInWords(problem.detail),
    termsOfServiceUrl: linkTargets(links, "terms-of-service")[0],
    helpUrl: linkTargets(links, "help")[0],
    location: answer.headers.get("location") ?? undefined,
    hint: hint?.(problem),
  });
}

/** The instant of the `Retry-After` header, in epoch milliseconds. */
export function retryAtOf({ headers }: Pick<Answer, "headers">, now: number): number | undefined {
  return parseRetryAfter(headers.get("retry-after"), headers.get("date"), now);
}

/** Let's Encrypt's "retry after 2026-01-02 03:04:05 UTC", for answers whose header a gateway has dropped. */
function retryAtInWords(detail: string | undefined): number | undefined {
  const [, date, time] =
    /retry after (\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d) ?(?:UTC|Z)/i.exec(detail ?? "") ?? [];
  if (date === undefined || time === undefined) return undefined;
  const at = Date.parse(`${date}T${time}Z`);
  return Number.isNaN(at) ? undefined : at;
}
