/** What has to be done with a deployment: nothing, take over credentials, apply, replace. Pure. */
import { enumerate } from "../../util/text";
import { sameDestination } from "../arguments/connection";
import { type DeploymentArguments, type DeploymentState, hasKey, requestedFiles } from "./state";
import { hasUnknown, isRecord, isUnknown, sameData } from "../engine/wire";

export type DeploymentDecision =
  | { readonly action: "none" }
  /** Only the way to the host changed: nobody is asked. */
  | { readonly action: "adopt"; readonly reason: string }
  /** The host is looked at, and brought to where it should be. `force`: also where it seems to be there. */
  | { readonly action: "apply"; readonly reason: string; readonly force: boolean }
  | { readonly action: "replace"; readonly reason: string; readonly replaces: readonly string[] };

/** @param news - checked arguments; in preview they may hold unknowns. */
export function decideDeployment(
  state: DeploymentState,
  news: DeploymentArguments,
): DeploymentDecision {
  const old = state.__arguments;
  const replaces = replacements(old, news);
  if (replaces.length > 0) {
    const reason = `deploys anew: ${enumerate(replaces)} changed; the old files go last`;
    return { action: "replace", reason, replaces };
  }
  if (state.deployedAt === undefined) {
    const reason = "deploys: what became of the first attempt is not known";
    return { action: "apply", reason, force: false };
  }
  const drift = state.__drift ?? [];
  if (drift.length > 0)
    return { action: "apply", reason: `repairs: ${enumerate(drift)}`, force: true };
  const changes = [
    ...(sameCertificate(old, news) ? [] : ["the certificate changed"]),
    ...APPLIED.filter((key) => !sameData(old[key], news[key])).map((key) => `${key} changed`),
    ...(isDestinationUnknown(news) ? ["the host is not known yet"] : []),
  ];
  if (changes.length > 0) {
    const force = !sameData(old.triggers, news.triggers);
    return { action: "apply", reason: `deploys: ${enumerate(changes)}`, force };
  }
  if (hasUnknown(news.connection) || sameData(old.connection, news.connection))
    return { action: "none" };
  return { action: "adopt", reason: "takes over the new connection; the host is not asked" };
}

const APPLIED = ["service", "files", "test", "reload", "verify", "triggers", "readableBy"] as const;

/* `certificatePem` and `issuerPem` say nothing that `fullchainPem` does not. */
function sameCertificate(old: DeploymentArguments, news: DeploymentArguments): boolean {
  return (
    isRecord(news.certificate) &&
    sameData(old.certificate.fullchainPem, news.certificate.fullchainPem) &&
    sameData(old.certificate.privateKeyPem, news.certificate.privateKeyPem)
  );
}

function isDestinationUnknown({ connection }: DeploymentArguments): boolean {
  return isUnknown(connection) || (isRecord(connection) && isUnknown(connection["host"]));
}

/** The arguments because of which the files lie somewhere else now. What is not known yet is decided when it is. */
function replacements(old: DeploymentArguments, news: DeploymentArguments): string[] {
  const replaces: string[] = [];
  if (!isDestinationUnknown(news) && !sameDestination(old.connection, news.connection))
    replaces.push("connection");
  if (!isUnknown(news.directory) && old.directory !== news.directory) replaces.push("directory");
  if (replaces.includes("directory")) return replaces;
  const withKey = hasKey(old.certificate) ?? true;
  const before = placesOf(old, withKey);
  const after = placesOf(news, hasKey(news.certificate) ?? withKey);
  if (before !== undefined && after !== undefined && !sameData(before, after))
    replaces.push(sameData(old.files, news.files) ? "certificate" : "files");
  return replaces;
}

/** Each content with its paths in their order: what `paths` is made of, and what lies on the host. */
function placesOf(args: DeploymentArguments, withKey: boolean): string[] | undefined {
  return requestedFiles(args, withKey)
    ?.map(({ path, content }) => `${content} ${path}`)
    .sort();
}
