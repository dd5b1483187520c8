/** What a site is asked to know whether nginx uses it, and which answers are its own. Pure. */
import type { Answer } from "../../deploy";
import type { NginxSiteConfig } from "../../nginx/config";
import { isStated, readOwn } from "../../nginx/raw";
import { httpsUrl, redirectsToHttps } from "../../nginx/render";
import { http01Path, keyAuthorization } from "../../util/challenge";

export interface PlainQuestion {
  readonly port: number;
  readonly name: string;
  readonly path: string;
  /** The answer of this site, in words; absent where any answer may be its own. */
  readonly expected?: string;
  readonly isRight: (answer: Answer) => boolean;
}

/**
 * A name that nginx leads to this site if it uses it: the first one. `nonce` stands for `*`, because a site of its own may have any name
 * that somebody would think of. Nobody asks for `_`.
 */
export function askedName(
  { serverNames }: Pick<NginxSiteConfig, "serverNames">,
  nonce: string,
): string | undefined {
  return serverNames.find((name) => name !== "_")?.replace(/^\*/, nonce);
}

/** What the plain port is asked. @param nonce - a token that no CA has given */
export function plainQuestions(
  site: NginxSiteConfig,
  name: string,
  nonce: string,
): readonly PlainQuestion[] {
  const { http: port = 80 } = site.listen ?? {};
  if (port === false || site.stream !== undefined) return [];
  const certain = [...challengeQuestions(site, nonce), ...redirectQuestions(site, name, nonce)];
  // Who refuses TLS may refuse all, and close the connection (`return 444`).
  const any = site.rejectHandshake === true ? [] : [{ path: "/", isRight: () => true }];
  const questions = certain.length > 0 ? certain : any;
  return questions.map((question) => ({ ...question, port, name }));
}

type Expectation = Omit<PlainQuestion, "port" | "name">;

function challengeQuestions(site: NginxSiteConfig, nonce: string): Expectation[] {
  const { challenge } = site;
  const path = http01Path(nonce);
  if (challenge?.thumbprint !== undefined) {
    const body = keyAuthorization(nonce, challenge.thumbprint);
    const isRight = (answer: Answer): boolean =>
      answer.status === 200 && answer.body.trimEnd() === body;
    return [{ path, expected: `200 "${body}"`, isRight }];
  }
  if (challenge?.webroot === undefined || hasOwnErrors(site)) return [];
  return [{ path, expected: "404", isRight: ({ status }) => status === 404 }];
}

/** Whether a file that is missing may be answered with anything. */
function hasOwnErrors(site: NginxSiteConfig): boolean {
  const { statements } = readOwn(site.extraConfig);
  return ["error_page", "include"].some((name) => isStated(statements, name));
}

function redirectQuestions(site: NginxSiteConfig, name: string, nonce: string): Expectation[] {
  if (!redirectsToHttps(site)) return [];
  const path = `/${nonce}`;
  const target = httpsUrl(site, name, path);
  const isRight = ({ status, location }: Answer): boolean => status === 301 && location === target;
  return [{ path, expected: `301 to ${target}`, isRight }];
}
