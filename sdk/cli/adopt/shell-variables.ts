/** acme.sh's configuration: `NAME='value'` lines. Pure. */

const BASE64 = /^__ACME_BASE64__START_(.*)__ACME_BASE64__END_$/;

export type ShellVariables = ReadonlyMap<string, string>;

export function readVariables(text: string): ShellVariables {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, quoted] = /^(\w+)='(.*)'$/.exec(line.trim()) ?? [];
    if (name === undefined || quoted === undefined) continue;
    const encoded = BASE64.exec(quoted)?.[1];
    const value = encoded === undefined ? quoted : Buffer.from(encoded, "base64").toString();
    if (value !== "") found.set(name, value);
  }
  return found;
}
