/** The handler of `AcmeCertificate`. */
import type { CertificateArguments } from "../../issuance/arguments";
import { defineResource } from "../engine/resource";
import { checkCertificate } from "./check";
import { type CertificateDecision, decide } from "./decide";
import type { CertificateState } from "./state";

export const certificateHandler = defineResource<
  CertificateArguments,
  CertificateState,
  CertificateDecision
>({
  check: checkCertificate,
  decide,
  operations: () => import("./operations.js"),
  // A destroy that revokes nothing must not need the CA.
  needsDelete: ({ __arguments }) => __arguments?.revokeOnDestroy === true,
});
