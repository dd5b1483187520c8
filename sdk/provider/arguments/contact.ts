/** An account's contacts. Pure. */
import type { Normalized } from "../../util/names";

/**
 * A contact as the CA gets it: a URL; a bare address gets `mailto:`. The part after the @ is in lower case.
 *
 * RFC 8555 §7.3: a mailto URL that contains header fields or more than one address must be refused.
 *
 * @see RFC 6068, The 'mailto' URI Scheme
 */
export function normalizeContact(text: string): Normalized {
  const contact = text.trim();
  if (contact === "") return { problem: "is empty" };
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(contact)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "mailto") return otherUrl(contact);
  return address(scheme === undefined ? contact : contact.slice("mailto:".length));
}

function address(text: string): Normalized {
  if (text.includes("?"))
    return { problem: `"${text}" has header fields after a "?", which RFC 8555 §7.3 forbids` };
  if (text.includes(","))
    return { problem: `"${text}" has a comma; write each address as an entry of its own` };
  // RFC 6068 §2: everything outside of ASCII has to be percent-encoded.
  const parts = /^([\x21-\x3f\x41-\x7e]+)@([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)$/i.exec(text);
  const [, local, domain] = parts ?? [];
  if (local === undefined || domain === undefined)
    return { problem: `"${text}" is not a mail address such as admin@example.com` };
  return { value: `mailto:${local}@${domain.toLowerCase()}` };
}

/** RFC 8555 §7.3 allows any URL; whether the CA does, it says itself (`unsupportedContact`). */
function otherUrl(contact: string): Normalized {
  return /^[\x21-\x7e]+$/.test(contact) && URL.canParse(contact)
    ? { value: contact }
    : { problem: `"${contact}" is neither a mail address nor a URL` };
}
