/** The resource `AcmeAccount`. */
import * as pulumi from "@pulumi/pulumi";

import type { PersistentDnsRecord } from "../challenges/dns-persist-01/record";
import type { KeyType } from "../x509/key-types";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import { caaRecordsFor } from "./caa";
import type { CaaRecord } from "./caa";
import { persistentRecordFor } from "./persistent-record";

/** Ties the account to one that exists at the CA already. RFC 8555 §7.3.4. */
export interface ExternalAccountBindingArgs {
  /** The key's identifier, from the CA. */
  keyId: pulumi.Input<string>;
  /** The MAC key from the CA, in base64url or base64. Secret. */
  hmacKey: pulumi.Input<string>;
  /** Default: `"HS256"`. */
  algorithm?: pulumi.Input<"HS256" | "HS384" | "HS512">;
}

/** Options of {@link AcmeAccount.persistentDnsRecord}. */
export interface PersistentDnsRecordOptions {
  /** Also allow the name's wildcard. Default: false. */
  wildcard?: pulumi.Input<boolean>;
  /** End of the record's validity, RFC 3339. Default: no end. */
  persistUntil?: pulumi.Input<string>;
}

/** Arguments of an {@link AcmeAccount}. */
export interface AcmeAccountArgs {
  /**
   * URL of the CA's directory, see `directories`. `https`; plain `http` for a loopback host only.
   * A change replaces the account, because it exists at one CA only.
   */
  directoryUrl: pulumi.Input<string>;
  /**
   * Agree to the CA's terms of service. Must be `true` if the CA has any; the error contains their URL.
   * Default: false.
   */
  termsOfServiceAgreed?: pulumi.Input<boolean>;
  /**
   * Contact URLs, `"mailto:admin@example.com"`, or plain email addresses. The order does not matter.
   * A change updates the account in place. Default: none.
   */
  contact?: pulumi.Input<pulumi.Input<string>[]>;
  /** For CAs that require it. Used only for the registration: later changes show no diff. */
  externalAccountBinding?: pulumi.Input<ExternalAccountBindingArgs>;
  /**
   * Type of the account key. A change generates a new key and rolls the account over to it; the account URL stays.
   * Default: `"P256"`; with `accountKeyPem`, the type of that key.
   */
  keyType?: pulumi.Input<KeyType>;
  /**
   * Your own key, PKCS#8 in PEM. A change rolls the account over to it. Default: generated. Secret.
   */
  accountKeyPem?: pulumi.Input<string>;
  /**
   * Any values; a change rolls the account over to a new key that was in no state before, as after a leak of the state.
   * Not with `accountKeyPem`: change that instead. Default: none.
   */
  triggers?: pulumi.Input<unknown[]>;
  /** Look the account up by its key and never register one. Requires `accountKeyPem`. Default: false. */
  mustExist?: pulumi.Input<boolean>;
  /**
   * Additional root certificates for the CA's HTTPS server, in PEM, for this account only. Default: those of Node.js.
   * A change sends no request.
   */
  caBundlePem?: pulumi.Input<string>;
  /** Deactivate the account at the CA when the resource is destroyed. It cannot be reactivated. Default: false. */
  deactivateOnDestroy?: pulumi.Input<boolean>;
}

/** Options of {@link AcmeAccount.caaRecords}. */
export interface CaaOptions {
  /** Allow only these challenge types, such as `["dns-01"]`. Default: every type. */
  methods?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * An account at an ACME certificate authority.
 *
 * Contacts and keys change in place, and nothing is deactivated unless you ask for it. `pulumi refresh` detects that the
 * CA has lost the account, and the next `pulumi up` registers again.
 *
 * @example
 * ```ts
 * import * as acme from "pulumi-acme";
 *
 * const account = new acme.AcmeAccount("letsencrypt", {
 *   directoryUrl: acme.directories.letsEncryptStaging,
 *   termsOfServiceAgreed: true,
 *   contact: ["admin@example.com"],
 * });
 * ```
 *
 * @see RFC 8555 §7.3, Account Management
 */
export class AcmeAccount extends pulumi.CustomResource {
  /** URL of the account, assigned by the CA. */
  declare readonly accountUrl: pulumi.Output<string>;
  /** The account's private key, PKCS#8 in PEM. Secret. */
  declare readonly accountKeyPem: pulumi.Output<string>;
  /** Thumbprint of the public key (RFC 7638), base64url. A web server needs it to answer http-01 challenges. */
  declare readonly thumbprint: pulumi.Output<string>;
  /** `valid`; after a refresh possibly `deactivated`, `revoked` or `lost`; the next `pulumi up` then registers again. */
  declare readonly status: pulumi.Output<string>;
  /** Contact URLs, as stored by the CA or as sent. */
  declare readonly contact: pulumi.Output<string[]>;
  /** URL of the CA's directory. */
  declare readonly directoryUrl: pulumi.Output<string>;
  /** Additional root certificates for the CA's HTTPS server, in PEM. */
  declare readonly caBundlePem: pulumi.Output<string | undefined>;
  /** Type of the account key. */
  declare readonly keyType: pulumi.Output<KeyType>;
  /** URL of the CA's terms of service, if it has any. */
  declare readonly termsOfServiceUrl: pulumi.Output<string | undefined>;
  /** Issuer domain names that the CA recognizes in CAA records. */
  declare readonly caaIdentities: pulumi.Output<string[]>;
  /** Certificate profiles that the CA offers: name to description. */
  declare readonly profiles: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AcmeAccountArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration(KIND, name, args, opts));
  }

  /**
   * CAA records that allow only this account to issue certificates for `dnsName`. For a wildcard (`*.example.com`) they
   * have the tag `issuewild`.
   *
   * @throws Error (in the Output) if the CA's directory has no `caaIdentities`, or the account is not of the directory's
   * origin.
   * @see RFC 8659, RFC 8657
   */
  caaRecords(dnsName: pulumi.Input<string>, options: CaaOptions = {}): pulumi.Output<CaaRecord[]> {
    return pulumi
      .all([
        dnsName,
        this.directoryUrl,
        this.accountUrl,
        this.caaIdentities,
        options.methods as pulumi.Input<string[] | undefined>,
      ])
      .apply(([name, directoryUrl, accountUrl, caaIdentities, methods]) =>
        caaRecordsFor(name, { directoryUrl, accountUrl, caaIdentities, methods }),
      );
  }

  /**
   * The permanent TXT record of the solver `dnsPersist01` for `dnsName`: created once, and not changed by orders. As long
   * as it exists, whoever has the account key can obtain certificates for the name.
   *
   * @throws Error (in the Output) if the CA's directory has no `caaIdentities`, if the account is not of the directory's
   * origin, or for a wildcard without `wildcard: true`
   * @see draft-ietf-acme-dns-persist
   */
  persistentDnsRecord(
    dnsName: pulumi.Input<string>,
    options: PersistentDnsRecordOptions = {},
  ): pulumi.Output<PersistentDnsRecord> {
    const { wildcard, persistUntil } = options;
    return pulumi
      .all([
        dnsName,
        this.directoryUrl,
        this.accountUrl,
        this.caaIdentities,
        wildcard,
        persistUntil,
      ])
      .apply(([name, directoryUrl, accountUrl, caaIdentities, ...settings]) => {
        const [wildcardToo, until] = settings;
        return persistentRecordFor(
          name,
          { directoryUrl, accountUrl, caaIdentities },
          { wildcard: wildcardToo, persistUntil: until },
        );
      });
  }
}

const OUTPUTS: Declared<AcmeAccount> = {
  accountUrl: undefined,
  accountKeyPem: undefined,
  thumbprint: undefined,
  status: undefined,
  contact: undefined,
  directoryUrl: undefined,
  caBundlePem: undefined,
  keyType: undefined,
  termsOfServiceUrl: undefined,
  caaIdentities: undefined,
  profiles: undefined,
};

const KIND: ResourceKind = {
  className: "AcmeAccount",
  handler: "account",
  outputs: OUTPUTS,
  // The next key is made one operation before a rollover uses it, so that a kill in between loses nothing.
  secretOutputs: ["accountKeyPem"],
};
