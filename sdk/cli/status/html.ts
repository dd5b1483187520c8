/** HTML in which text is escaped unless it was made here. Pure. */
import { printable } from "../../util/text";

export interface Html {
  readonly text: string;
}

/** A template: values that are strings are text, and are escaped. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html)[]): Html {
  const texts = values.map((value) => (typeof value === "string" ? escaped(value) : value.text));
  return { text: parts.map((part, index) => part + (texts[index] ?? "")).join("") };
}

export function join(pieces: readonly Html[]): Html {
  return { text: pieces.map(({ text }) => text).join("") };
}

/** What is HTML already. */
export function raw(text: string): Html {
  return { text };
}

function escaped(text: string): string {
  return printable(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
