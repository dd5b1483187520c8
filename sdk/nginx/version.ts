/** Versions of nginx, as far as the text depends on them. Pure. */

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
  if (version === undefined) return false;
  const parts = version.split(".").map(Number);
  for (const [index, wanted] of HTTP2_DIRECTIVE.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
