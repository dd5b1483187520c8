/** Versions of nginx, as far as the text depends on them. Pure. */

/** The first version that can have HTTP/3. */
const HTTP3 = [1, 25, 0] as const;

/** From this version on HTTP/2 is a directive of its own; before it, a parameter of `listen`. */
const HTTP2_DIRECTIVE = [1, 25, 1] as const;

/** `1.22.1` of `nginx version: nginx/1.22.1 (Ubuntu)`; openresty counts with the nginx that it is made of. */
export function readVersion(output: string): string | undefined {
  return /\b(?:nginx|openresty)\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

export function isVersion(text: string): boolean {
  return /^\d+\.\d+(\.\d+)*$/.test(text);
}

/** Whether `version` knows `http2 on;`. Not known which version: no, because `listen … http2` is understood by all. */
export function hasHttp2Directive(version: string | undefined): boolean {
  return isAtLeast(version, HTTP2_DIRECTIVE);
}

/** Whether `version` can have been built with HTTP/3. Not known which version: no. */
export function canHaveHttp3(version: string | undefined): boolean {
  return isAtLeast(version, HTTP3);
}

function isAtLeast(version: string | undefined, least: readonly number[]): boolean {
  if (version === undefined) return false;
  const parts = version.split(".").map(Number);
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
