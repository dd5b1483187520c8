/** The arguments of an `AcmeDnsRegistration`. */
import { isIP } from "node:net";

import * as v from "valibot";

import { object, text } from "../../schema/builders";
import { serviceUrl } from "../../schema/credentials";
import type { Rules } from "../engine/rules";

export interface RegistrationArguments {
  /** Without a final slash. */
  readonly url: string;
  /** In A-labels, without `*.`. */
  readonly dnsName: string;
  /** Networks, sorted, each once. */
  readonly allowFrom?: readonly string[];
}

const network = text(
  isNetwork,
  'must be a network such as "192.0.2.0/24"; a single address is one, too: "192.0.2.1/32"',
);

export const registrationSchema: v.GenericSchema<RegistrationArguments> = object({
  url: serviceUrl(),
  dnsName: v.string(),
  allowFrom: v.optional(v.array(network)),
});

/** acme-dns takes `allowfrom` at the registration alone. */
export const RULES: Rules<RegistrationArguments, "record"> = {
  url: { change: "replace" },
  dnsName: { change: "record" },
  allowFrom: { change: "replace", default: [] },
};

function isNetwork(value: string): boolean {
  const [address = "", prefix = "", ...rest] = value.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return rest.length === 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= bits;
}
