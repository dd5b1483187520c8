/** The format of certbot's configuration: ConfigObj, that is INI with sections in sections. Pure. */

export interface ConfigSection {
  readonly values: Readonly<Record<string, string | undefined>>;
  readonly sections: Readonly<Record<string, ConfigSection | undefined>>;
}

interface Open {
  readonly values: Record<string, string>;
  readonly sections: Record<string, Open>;
}

/** Lines that are neither a section nor a value are passed over. */
export function readConfig(text: string): ConfigSection {
  const root = emptySection();
  const open = [root];
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\s*(\[+)([^[\]]+)\]+\s*$/.exec(line);
    if (heading !== null) {
      const [, brackets = "", name = ""] = heading;
      const section = emptySection();
      open.length = Math.min(brackets.length, open.length);
      const parent = open.at(-1) ?? root;
      parent.sections[unquoted(name)] = section;
      open.push(section);
      continue;
    }
    const equals = line.indexOf("=");
    if (equals < 0 || /^\s*#/.test(line)) continue;
    const { values } = open.at(-1) ?? root;
    values[unquoted(line.slice(0, equals))] = unquoted(line.slice(equals + 1));
  }
  return root;
}

/** `a, b,` is a list; a list of one ends with a comma. */
export function listOf(value: string | undefined): string[] {
  return (value ?? "")
    .split(",")
    .map(unquoted)
    .filter((item) => item !== "");
}

function emptySection(): Open {
  // Without a prototype: a section may have any name.
  return {
    values: Object.create(null) as Record<string, string>,
    sections: Object.create(null) as Record<string, Open>,
  };
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  return /^(["']).*\1$/.test(trimmed) ? trimmed.slice(1, -1) : trimmed;
}
