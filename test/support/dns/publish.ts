/** How stand-ins of DNS services tell a name server what they hold. */

/** Told which TXT values a name has now, before the change is answered. */
export type Publish = (name: string, values: readonly string[]) => Promise<void>;

export const publishNowhere: Publish = () => Promise.resolve();

/** The text of a TXT record that may stand in quotation marks. */
export function unquoted(content: string): string {
  return content.replace(/^"(.*)"$/, "$1");
}
