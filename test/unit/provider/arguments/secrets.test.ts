import * as v from "valibot";
import { describe, expect, it } from "vitest";

import { accountSchema } from "../../../../sdk/provider/account/arguments";
import { registrationSchema } from "../../../../sdk/provider/acme-dns-registration/arguments";
import { certificateSchema } from "../../../../sdk/provider/certificate/arguments";
import { deploymentSchema } from "../../../../sdk/provider/deployment/arguments";
import { nginxSiteSchema } from "../../../../sdk/provider/nginx-site/arguments";
import { orderSchema } from "../../../../sdk/provider/order/arguments";
import { serviceConfigSchema } from "../../../../sdk/provider/service-config/arguments";
import { SECRET_ARGUMENTS } from "../../../../sdk/util/secret-names";

interface Argument {
  readonly path: string;
  readonly name: string;
  readonly secret: boolean;
}

/** What a schema may have inside, whichever it is. */
type Schema = v.GenericSchema & {
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly options?: readonly (Schema | string)[];
  readonly getter?: (input: unknown) => Schema;
};

/** Every argument of `schema` at any depth, each kind of schema once on the way down. */
function argumentsOf(schema: Schema, path = "", above: readonly Schema[] = []): Argument[] {
  if (above.includes(schema)) return [];
  const inside = [...above, schema];
  const own = Object.entries(schema.entries ?? {}).flatMap(([name, entry]) => [
    { path: `${path}.${name}`, name, secret: isSecret(entry) },
    ...argumentsOf(entry, `${path}.${name}`, inside),
  ]);
  const options = (schema.options ?? []).filter((option) => typeof option !== "string");
  const lazy = ["", true, [], {}].flatMap((input) => schema.getter?.(input) ?? []);
  const nested = [schema.item, schema.wrapped, ...options, ...lazy].filter(
    (one) => one !== undefined,
  );
  return [...own, ...nested.flatMap((one) => argumentsOf(one, path, inside))];
}

function isSecret(schema: Schema): boolean {
  return (
    v.getMetadata(schema)["secret"] === true ||
    (schema.wrapped !== undefined && isSecret(schema.wrapped))
  );
}

const all = Object.entries({
  AcmeAccount: accountSchema,
  AcmeOrder: orderSchema,
  AcmeCertificate: certificateSchema,
  CertificateDeployment: deploymentSchema,
  NginxSite: nginxSiteSchema,
  ServiceConfig: serviceConfigSchema,
  AcmeDnsRegistration: registrationSchema,
}).flatMap(([name, schema]) => argumentsOf(schema as unknown as Schema, name));

/** They sound like secrets, and are none; `certificateKey` is a path. */
const PUBLIC = [
  "accessKeyId",
  "certificateKey",
  "hostKey",
  "insecureIgnoreHostKey",
  "keyAlgorithm",
  "keyId",
  "keyName",
  "keyPolicy",
  "keyType",
];

describe("arguments that are marked as secret in the schemas", () => {
  it("are those whose names the classes make secret", () => {
    const marked = new Set(all.filter(({ secret }) => secret).map(({ name }) => name));
    expect([...marked].sort()).toEqual([...SECRET_ARGUMENTS].sort());
  });

  it("are marked in every schema that has an argument of that name", () => {
    const forgotten = all.filter(({ name, secret }) => SECRET_ARGUMENTS.has(name) && !secret);
    expect(forgotten.map(({ path }) => path)).toEqual([]);
  });

  it("are all whose names sound like a secret", () => {
    const sounding = all.filter(
      ({ name }) => /password|secret|token|credential|key/i.test(name) && !PUBLIC.includes(name),
    );
    expect(sounding.filter(({ secret }) => !secret).map(({ path }) => path)).toEqual([]);
  });

  it("are found at any depth", () => {
    const paths = all.filter(({ secret }) => secret).map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        "AcmeAccount.externalAccountBinding.hmacKey",
        "AcmeCertificate.solvers.dns01.cloudflare.apiToken",
        "AcmeCertificate.solvers.http01.tunnel.connection.password",
        "CertificateDeployment.connection.password",
        "CertificateDeployment.files.password",
      ]),
    );
  });
});
