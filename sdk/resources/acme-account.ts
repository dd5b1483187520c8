/** The resource `AcmeAccount`. */
import * as pulumi from "@pulumi/pulumi";

import { persistentDnsRecord } from "../challenges/dns-persist-01/record";
import type { PersistentDnsRecord } from "../challenges/dns-persist-01/record";
import type { KeyType } from "../x509/key-types";
import { registration } from "./base";
import type { Declared, ResourceKind } from "./base";
import { caaRecordsFor } from "./caa";
import type { CaaRecord } from "./caa";

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
  /** RFC 3339: from then on the record proves nothing. Default: for ever. */
  persistUntil?: pulumi.Input<string>;
}

/** Arguments of an {@link AcmeAccount}. */
export interface AcmeAccountArgs {
  /**
   * URL of the CA's directory, see `directories`. `https`; plain `http` for a loopback host only.
   * A change replaces the account: another CA knows nothing of it.
   */
  directoryUrl: pulumi.Input<string>;
  /**
   * That you agree to the CA's terms of service. Must be `true` where the CA has terms; the error names their URL.
   * Default: false.
   */
  termsOfServiceAgreed?: pulumi.Input<boolean>;
  /**
   * Where the CA may reach you: `"mailto:admin@example.com"`, or the bare address. A set: order is no change.
   * A change updates the account in place. Default: none.
   */
  contact?: pulumi.Input<pulumi.Input<string>[]>;
  /** For CAs that ask for it. Used at registration only: a later change is no difference. */
  externalAccountBinding?: pulumi.Input<ExternalAccountBindingArgs>;
  /**
   * Kind of the account's key. A change makes a new key and rolls the account over to it; the account's URL stays.
   * Default: `"P256"`; with `accountKeyPem`, that key's kind.
   */
  keyType?: pulumi.Input<KeyType>;
  /**
   * Your own key, PKCS#8 in PEM. A change rolls the account over to it. Default: a key is made. Secret.
   */
  accountKeyPem?: pulumi.Input<string>;
  /** Look the account up by its key, and never register one. Needs `accountKeyPem`. Default: false. */
  mustExist?: pulumi.Input<boolean>;
  /**
   * Extra roots for the CA's own HTTPS, in PEM, for this account only. Default: those that Node.js trusts.
   * A change is taken over without a request.
   */
  caBundlePem?: pulumi.Input<string>;
  /** Deactivate the account at the CA when the resource is destroyed, for good. Default: false. */
  deactivateOnDestroy?: pulumi.Input<boolean>;
}

/** What {@link AcmeAccount.caaRecords} takes besides the name. */
export interface CaaOptions {
  /** Allow only these challenge types, such as `["dns-01"]`. Default: every type. */
  methods?: pulumi.Input<pulumi.Input<string>[]>;
}

/**
 * An account at a certificate authority that speaks ACME.
 *
 * Contacts and keys change in place; nothing is deactivated unless you ask for it. An account that the CA has lost is
 * found by `pulumi refresh`, and the next `pulumi up` registers a new one.
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
  /** URL of the account, which the CA assigned. */
  declare readonly accountUrl: pulumi.Output<string>;
  /** The account's private key, PKCS#8 in PEM. Secret. */
  declare readonly accountKeyPem: pulumi.Output<string>;
  /** Thumbprint of the account's public key, base64url: what a web server needs to answer http-01 (RFC 7638). */
  declare readonly thumbprint: pulumi.Output<string>;
  /** `valid`; after a refresh `deactivated`, `revoked` or `lost`, which the next `pulumi up` mends. */
  declare readonly status: pulumi.Output<string>;
  /** Contact URLs, as the CA holds them or as they were sent. */
  declare readonly contact: pulumi.Output<string[]>;
  /** URL of the CA's directory. */
  declare readonly directoryUrl: pulumi.Output<string>;
  /** Extra roots for the CA's own HTTPS, in PEM. */
  declare readonly caBundlePem: pulumi.Output<string | undefined>;
  /** Kind of the account's key. */
  declare readonly keyType: pulumi.Output<KeyType>;
  /** URL of the CA's terms of service, where it has any. */
  declare readonly termsOfServiceUrl: pulumi.Output<string | undefined>;
  /** Names by which CAA records call this CA. */
  declare readonly caaIdentities: pulumi.Output<string[]>;
  /** Certificate profiles that the CA offers: name to description. */
  declare readonly profiles: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: AcmeAccountArgs, opts?: pulumi.CustomResourceOptions) {
    super(...registration(KIND, name, args, opts));
  }

  /**
   * CAA records that allow certificates for `dnsName` to this account alone. For a wildcard (`*.example.com`) they have
   * the tag `issuewild`.
   *
   * @throws Error (in the Output) when the CA does not say by which name CAA records call it.
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
   * The permanent TXT record by which this account proves `dnsName` with the solver `dnsPersist01`: made once, never
   * changed by an order. Whoever has the account's key can prove the name as long as the record is there.
   *
   * @throws Error (in the Output) when the CA does not say by which name records call it, or for a wildcard without
   * `wildcard: true`
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
      .apply(([name, directoryUrl, accountUri, [issuerDomainName], ...settings]) => {
        if (issuerDomainName === undefined) {
          throw new Error(
            `persistentDnsRecord for ${name}: the CA at ${directoryUrl} does not say by which name records call it`,
          );
        }
        const [wildcardToo, until] = settings;
        return persistentDnsRecord(name, {
          issuerDomainName,
          accountUri,
          wildcard: wildcardToo,
          persistUntil: until,
        });
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
  secretOutputs: ["accountKeyPem", "nextAccountKeyPem"],
};
