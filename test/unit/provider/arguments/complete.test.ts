/** An argument is declared in four places: the class, the handler's type, the schema, the rules. None may be forgotten. */
import { describe, expect, it } from "vitest";

import type {
  AcmeAccountArgs,
  AcmeCertificateArgs,
  AcmeDnsRegistrationArgs,
  AcmeOrderArgs,
  CertificateDeploymentArgs,
  NginxSiteArgs,
  ServiceConfigArgs,
} from "../../../../sdk";
import type { CertificateArguments, OrderArguments } from "../../../../sdk/issuance/arguments";
import * as account from "../../../../sdk/provider/account/arguments";
import * as registration from "../../../../sdk/provider/acme-dns-registration/arguments";
import * as certificate from "../../../../sdk/provider/certificate/arguments";
import * as deployment from "../../../../sdk/provider/deployment/arguments";
import * as nginxSite from "../../../../sdk/provider/nginx-site/arguments";
import * as order from "../../../../sdk/provider/order/arguments";
import * as serviceConfig from "../../../../sdk/provider/service-config/arguments";

type SameKeys<A, B> = [keyof A, keyof B] extends [keyof B, keyof A] ? true : never;

// What a class takes is what its handler knows. `paths` is what check adds.
const sameKeys: [
  SameKeys<AcmeAccountArgs, account.AccountArguments>,
  SameKeys<AcmeCertificateArgs, CertificateArguments>,
  SameKeys<AcmeOrderArgs, OrderArguments>,
  SameKeys<CertificateDeploymentArgs, Omit<deployment.DeploymentArguments, "paths">>,
  SameKeys<NginxSiteArgs, nginxSite.NginxSiteArguments>,
  SameKeys<ServiceConfigArgs, serviceConfig.ServiceConfigArguments>,
  SameKeys<AcmeDnsRegistrationArgs, registration.RegistrationArguments>,
] = [true, true, true, true, true, true, true];

describe.each([
  ["AcmeAccount", account.accountSchema, account.RULES, []],
  ["AcmeCertificate", certificate.certificateSchema, certificate.RULES, []],
  ["AcmeOrder", order.orderSchema, order.RULES, []],
  ["CertificateDeployment", deployment.deploymentSchema, deployment.RULES, ["paths"]],
  ["NginxSite", nginxSite.nginxSiteSchema, nginxSite.RULES, []],
  ["ServiceConfig", serviceConfig.serviceConfigSchema, serviceConfig.RULES, []],
  ["AcmeDnsRegistration", registration.registrationSchema, registration.RULES, []],
])("%s", (_, schema, rules, added) => {
  it("has a schema and a rule for every argument", () => {
    expect(sameKeys).not.toContain(false);
    const { entries } = schema as unknown as { entries: object };
    expect([...Object.keys(entries), ...added].sort()).toEqual(Object.keys(rules).sort());
  });
});
