/** URLs of services, as users write them. Pure. */

/** So that a path can be put behind it. */
export function withoutTrailingSlashes(url: string): string {
  let end = url.length;
  while (url[end - 1] === "/") end -= 1;
  return url.slice(0, end);
}
