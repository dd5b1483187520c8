/** The arguments of `ovh`. */
import type * as v from "valibot";

import { object, oneOfWords } from "../../../../schema/builders";
import { secretCredential } from "../../../../schema/credentials";
import { serviceEntries } from "../../services/arguments";

/** @see https://github.com/ovh/python-ovh#2-configure-your-application */
export const OVH_ENDPOINTS = {
  "ovh-eu": "https://eu.api.ovh.com/1.0",
  "ovh-ca": "https://ca.api.ovh.com/1.0",
  "ovh-us": "https://api.us.ovhcloud.com/1.0",
  "kimsufi-eu": "https://eu.api.kimsufi.com/1.0",
  "kimsufi-ca": "https://ca.api.kimsufi.com/1.0",
  "soyoustart-eu": "https://eu.api.soyoustart.com/1.0",
  "soyoustart-ca": "https://ca.api.soyoustart.com/1.0",
};

export const ovhArguments = object({
  endpoint: oneOfWords(Object.keys(OVH_ENDPOINTS) as (keyof typeof OVH_ENDPOINTS)[]),
  applicationKey: secretCredential,
  applicationSecret: secretCredential,
  /** With GET, POST and DELETE on `/domain/zone/*`. */
  consumerKey: secretCredential,
  /** `apiUrl`, by default that of `endpoint`. */
  ...serviceEntries,
});

export type OvhArguments = v.InferOutput<typeof ovhArguments>;
