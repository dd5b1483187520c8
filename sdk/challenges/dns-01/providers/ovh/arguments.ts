/** The arguments of `ovh`. */
import * as v from "valibot";

import { nonEmpty, object, oneOfWords } from "../../../../schema/builders";
import { secretCredential, serviceUrl } from "../../../../schema/credentials";

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
  /** Default: found by the names, from each upwards. */
  zone: v.optional(nonEmpty),
  /** Default: that of `endpoint`. */
  apiUrl: v.optional(serviceUrl()),
});

export type OvhArguments = v.InferOutput<typeof ovhArguments>;
