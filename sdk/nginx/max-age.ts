/** The duration of HSTS. Pure. */
import { parseDuration } from "../util/duration";

/** The seconds of a `maxAge`; zero is a duration here, because it makes browsers forget. */
export function maxAgeSeconds(maxAge: string): number | undefined {
  if (/^0\s?[a-z]*$/i.test(maxAge.trim())) return 0;
  const milliseconds = parseDuration(maxAge);
  return milliseconds === undefined ? undefined : Math.round(milliseconds / 1000);
}
