/** Taking secrets out of what a hook has written. Pure. */

/** Shorter ones stand everywhere by chance. */
const MIN_GIVEN = 3;
const MIN_INHERITED = 6;
/** Of a line of a longer value, and of what is certain of its base64. */
const MIN_PART = 6;

/** Variables of this process that a hook sees as well, and may print. */
const SOUNDS_SECRET = /pass|secret|token|key|credential|auth/i;
const IS_PLACE = /_(dir|file|path|sock|url)$/i;

/**
 * `text` with `[secret]` for the values of the hook's own `environment`, and for those that this process has under names
 * that sound secret: as they are, line by line, and as base64, in URLs and in JSON.
 */
export function withoutSecrets(
  text: string,
  environment: Readonly<Record<string, string>>,
  inherited: NodeJS.ProcessEnv = process.env,
): string {
  const given = Object.entries(environment)
    .filter(([name, value]) => !name.startsWith("CERTBOT_") && value.trim().length >= MIN_GIVEN)
    .map(([, value]) => value);
  const others = Object.entries(inherited).flatMap(([name, value = ""]) =>
    SOUNDS_SECRET.test(name) && !IS_PLACE.test(name) && value.trim().length >= MIN_INHERITED
      ? [value]
      : [],
  );
  const forms = new Set([...given, ...others].flatMap(formsOf));
  return [...forms]
    .sort((a, b) => b.length - a.length)
    .reduce((shown, form) => shown.replaceAll(form, "[secret]"), text);
}

function formsOf(secret: string): string[] {
  // Half a surrogate pair has no form in a URL.
  const value = Buffer.from(secret.trim(), "utf8").toString("utf8");
  const lines = value
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line.length >= MIN_PART);
  return [
    value,
    ...lines,
    ...base64sOf(value).filter((form) => form.length >= MIN_PART),
    encodeURIComponent(value),
    encodeURIComponent(value).replaceAll("%20", "+"),
    JSON.stringify(value).slice(1, -1),
  ];
}

/**
 * What is certain of the base64 of a text that holds `value`, such as `user:value`: three ways, by how many characters
 * stand before it. The first and the last digit depend on the neighbors.
 */
function base64sOf(value: string): string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(value, "utf8")]);
    const certain = (encoding: "base64" | "base64url"): string =>
      bytes
        .toString(encoding)
        .replace(/=+$/, "")
        .slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return [certain("base64"), certain("base64url")];
  });
}
