/** Deployments: what the layers above use of this folder. */
export type { FoundFile, ManifestEntry, Plan, PlannedFile, StoredFile } from "./files";
export { isStandIn, ownerIn, standInOf } from "./files";
export { readFiles } from "./inspect";
export {
  applyOrKeep,
  isUncertain,
  type KeepContext,
  mustRunOf,
  NotRunningError,
  reloadsIn,
  saysNotRunning,
} from "./not-running";
export { type Applied, type ApplyContext, applyPlan, removeFiles } from "./transaction";
export type { RemoveOptions } from "./transaction";
export { type Answer, askHttp } from "./ask-http";
export { nginxEmergencies } from "./nginx-log";
export { type Place, type Vantage, vantageOf } from "./reach";
export { type CertificateMaterial, type DeploymentRequest, planDeployment } from "./plan";
export { type Endpoint, fingerprintOf, isFor, look, untilServed } from "./verify";
