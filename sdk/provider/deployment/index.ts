/** The handler of `CertificateDeployment`. */
import { defineResource } from "../engine/resource";
import { checkDeployment } from "./check";
import { decideDeployment } from "./decide";

export const deploymentHandler = defineResource({
  check: checkDeployment,
  decide: decideDeployment,
  operations: () => import("./operations.js"),
});
