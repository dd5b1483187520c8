/** What a set of CAA records allows. Pure. @see RFC 8659 §4, RFC 8657 §3, §4 */

export interface CaaProperty {
  readonly critical: boolean;
  /** Lower case. */
  readonly tag: string;
  readonly value: string;
}

export interface CaaRequest {
  /** The names by which CAA records call the CA. */
  readonly caaIdentities: readonly string[];
  readonly accountUrl: string;
  /** The challenge type, as in RFC 8555 §8. */
  readonly method: string;
  readonly wildcard: boolean;
}

const KNOWN = new Set(["issue", "issuewild", "iodef", "contactemail", "contactphone", "issuemail"]);

/** Why `properties`, the relevant set of a name, forbid the issuance; `undefined` when they allow it. */
export function forbiddenBy(
  properties: readonly CaaProperty[],
  request: CaaRequest,
): string | undefined {
  const unknown = properties.find(({ critical, tag }) => critical && !KNOWN.has(tag));
  if (unknown !== undefined) {
    return `it has a critical property "${unknown.tag}", which no CA may ignore`;
  }
  const issue = properties.filter(({ tag }) => tag === "issue");
  const wild = properties.filter(({ tag }) => tag === "issuewild");
  // RFC 8659 §4.3: for wildcards, issuewild takes the place of issue where there is one.
  const relevant = request.wildcard && wild.length > 0 ? wild : issue;
  if (relevant.length === 0) return undefined;
  const objections = relevant.map(({ value }) => objection(value, request));
  if (objections.includes(undefined)) return undefined;
  const closest = relevant.findIndex((_, index) => objections[index]?.ours === true);
  const values = relevant.map(({ tag, value }) => `${tag} "${value}"`).join(", ");
  const why = objections[closest]?.why ?? `none of them names ${orList(request.caaIdentities)}`;
  return `it allows only ${values}: ${why}`;
}

interface Objection {
  readonly ours: boolean;
  readonly why: string;
}

function objection(value: string, request: CaaRequest): Objection | undefined {
  const parsed = parseIssueValue(value);
  if (parsed === undefined) return { ours: false, why: "it cannot be read" };
  const ours = request.caaIdentities.some((identity) => identity.toLowerCase() === parsed.issuer);
  if (!ours) return { ours, why: "it is another CA's" };
  const accounts = parsed.parameters.filter(([tag]) => tag === "accounturi");
  // RFC 8657 §3: with several, or with one that does not match, the property allows nothing.
  if (accounts.length > 1) return { ours, why: "it names several accounts in one record" };
  const [account] = accounts;
  if (account !== undefined && account[1] !== request.accountUrl) {
    return { ours, why: `this account is ${request.accountUrl}` };
  }
  const methods = parsed.parameters.filter(([tag]) => tag === "validationmethods");
  if (methods.length > 1) return { ours, why: "it has validationmethods twice" };
  const [allowed] = methods;
  if (allowed !== undefined && !allowed[1].split(",").includes(request.method)) {
    return { ours, why: `this name is to be proven by ${request.method}` };
  }
  return undefined;
}

interface IssueValue {
  /** Lower case; empty for ";", which allows no CA. */
  readonly issuer: string;
  /** Tags in lower case. */
  readonly parameters: readonly (readonly [tag: string, value: string])[];
}

/** RFC 8659 §4.2; `undefined` for what does not follow its grammar. */
export function parseIssueValue(value: string): IssueValue | undefined {
  const [issuer = "", ...rest] = value.split(";").map((part) => part.trim());
  if (!/^([a-z0-9-]+(\.[a-z0-9-]+)*)?$/i.test(issuer)) return undefined;
  const parameters: [string, string][] = [];
  for (const part of rest) {
    // A final semicolon is not in the grammar, but CAs read over it.
    if (part === "") continue;
    const match = /^([a-z0-9]+)\s*=\s*([\x21-\x3a\x3c-\x7e]*)$/i.exec(part);
    if (match === null) return undefined;
    parameters.push([(match[1] ?? "").toLowerCase(), match[2] ?? ""]);
  }
  return { issuer: issuer.toLowerCase(), parameters };
}

function orList(items: readonly string[]): string {
  return items.length < 2
    ? items.join("")
    : `${items.slice(0, -1).join(", ")} or ${items.at(-1) ?? ""}`;
}
