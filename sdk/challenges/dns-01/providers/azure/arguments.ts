/** The arguments of `azure`. */
import * as v from "valibot";

import { nonEmpty, object } from "../../../../schema/builders";
import { credential, secretCredential, serviceUrl } from "../../../../schema/credentials";

export const azureArguments = v.pipe(
  object({
    subscriptionId: credential,
    resourceGroup: nonEmpty,
    /** Default: found by the names, from each upwards. */
    zone: v.optional(nonEmpty),
    tenantId: v.optional(credential),
    clientId: v.optional(credential),
    /** Default: what `@azure/identity` finds: environment, workload and managed identities, `az login`. */
    clientSecret: v.optional(secretCredential),
    /** Default: `https://management.azure.com`; others for sovereign clouds. */
    apiUrl: v.optional(serviceUrl("clientId and clientSecret")),
    /** Default: `https://login.microsoftonline.com`. */
    loginUrl: v.optional(serviceUrl("clientId and clientSecret")),
  }),
  v.check(
    ({ tenantId, clientId, clientSecret }) =>
      clientSecret === undefined || (tenantId !== undefined && clientId !== undefined),
    "clientSecret needs tenantId and clientId",
  ),
);

export type AzureArguments = v.InferOutput<typeof azureArguments>;
