/** Private keys as ssh2 reads them. */
import { type ParsedKey, utils } from "ssh2";

import { messageOf } from "../../util/errors";
import { singleLine } from "../../util/text";
import type { Connection } from "../host";
import {
  isReadablePutty,
  type PrivateKeyText,
  privateKeyProblem,
  readableBySsh,
  unreadableKey,
  whyUnreadable,
} from "../private-key";

/**
 * The connection's private key in a format that both transports read; `undefined` where it has none.
 *
 * @throws HostError `authentication` with the reason
 */
export function loginKey(connection: Connection, label: string): PrivateKeyText | undefined {
  const { privateKey: text, privateKeyPassword: passphrase } = connection;
  if (text === undefined) return undefined;
  const problem = privateKeyProblem(connection);
  if (problem !== undefined) throw unreadableKey(label, problem);
  const key = readableBySsh({ text, passphrase });
  // ssh-add does not know PuTTY's format.
  return isReadablePutty(key.text) ? { text: parsedKey(key, label).getPrivatePEM() } : key;
}

export function parsedKey({ text, passphrase }: PrivateKeyText, label: string): ParsedKey {
  let parsed: ParsedKey | Error;
  try {
    parsed = utils.parseKey(text, passphrase);
  } catch (error) {
    parsed = error instanceof Error ? error : new Error(String(error));
  }
  if (!(parsed instanceof Error)) return parsed;
  // What stands in the place of the magic may be part of the key.
  const said = singleLine(messageOf(parsed).replace(/ magic: [^]*/, ""));
  throw unreadableKey(label, whyUnreadable({ text, passphrase }, said));
}
