/** What the strict ACME server answers, as data that a scenario can change. */

export interface StrictResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
}

/** RFC 8555 §6.7. */
export interface Problem {
  /** Without the URN prefix. */
  readonly type: string;
  readonly detail?: string;
  readonly subproblems?: readonly {
    readonly type: string;
    readonly detail?: string;
    readonly identifier?: { readonly type: string; readonly value: string };
  }[];
  readonly [extra: string]: unknown;
}

export function json(
  status: number,
  value: unknown,
  headers: StrictResponse["headers"] = {},
): StrictResponse {
  return {
    status,
    headers: { "content-type": "application/json; charset=utf-8", ...headers },
    body: JSON.stringify(value),
  };
}

export function problem(
  status: number,
  document: Problem,
  headers: StrictResponse["headers"] = {},
): StrictResponse {
  return {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
    body: JSON.stringify({ ...wire(document), status }),
  };
}

/** The document with URN types. */
export function wire(document: Problem): Record<string, unknown> {
  const { subproblems } = document;
  return {
    ...document,
    type: urn(document.type),
    ...(subproblems === undefined
      ? {}
      : { subproblems: subproblems.map((part) => ({ ...part, type: urn(part.type) })) }),
  };
}

function urn(type: string): string {
  return `urn:ietf:params:acme:error:${type}`;
}

/** Thrown by an endpoint: the request is refused, as the RFC has it. */
export class Refusal extends Error {
  readonly response: StrictResponse;

  constructor(status: number, document: Problem, headers: StrictResponse["headers"] = {}) {
    super(document.detail ?? document.type);
    this.response = problem(status, document, headers);
  }
}
