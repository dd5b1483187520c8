/** The arguments of an `AcmeAccount`, as they lie in inputs and in the state. Pure; the names are frozen. */
import type { ExternalAccountBinding } from "../../acme";
import type { KeyType } from "../../x509/keys";
import type { Properties } from "../engine/handler";

export interface AccountArguments {
  readonly directoryUrl: string;
  readonly termsOfServiceAgreed?: boolean;
  /** URLs, sorted, each once. */
  readonly contact?: readonly string[];
  readonly externalAccountBinding?: ExternalAccountBinding;
  readonly keyType?: KeyType;
  /** PKCS#8 PEM. */
  readonly accountKeyPem?: string;
  readonly mustExist?: boolean;
  readonly caBundlePem?: string;
  readonly deactivateOnDestroy?: boolean;
}

/** What is kept of the arguments: a binding is spent at registration, and a secret less is a secret less. */
export type KeptArguments = Omit<AccountArguments, "externalAccountBinding">;

export const DEFAULT_KEY_TYPE: KeyType = "P256";

/** Inputs that `check` has let through, without the engine's own keys. */
export function accountArguments(inputs: Properties): AccountArguments {
  const entries = Object.entries(inputs).filter(([key]) => !key.startsWith("__"));
  return Object.fromEntries(entries) as unknown as AccountArguments;
}

export function keptArguments(news: AccountArguments): KeptArguments {
  const kept: Partial<AccountArguments> = { ...news };
  delete (kept as { externalAccountBinding?: unknown }).externalAccountBinding;
  return kept as KeptArguments;
}
