/** What of a command's output an error quotes. Pure. */
import { singleLine } from "../../util/text";

const MAX_WORDS = 600;

/** The end of a command's output, where it says why, on one line; bytes that are no text become one sign. */
export function lastWords(output: string): string {
  const readable = output
    // eslint-disable-next-line no-control-regex -- they stand between the bytes of binary output
    .replace(/[\u0000-\u0008\u000e-\u001f\ufffd]+/g, "\ufffd")
    .replace(/\ufffd(?:\s*\ufffd)+/g, "\ufffd");
  const line = singleLine(readable, readable.length);
  return line.length <= MAX_WORDS ? line : `…${line.slice(-MAX_WORDS)}`;
}
