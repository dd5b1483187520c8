/** The self-signed certificate that lies where none is yet, so that a service can start before the first issue. */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";

import {
  type Applied,
  applyPlan,
  fingerprintOf,
  type Plan,
  planDeployment,
  reloadsIn,
} from "../../deploy";
import { type Host, shellQuote, subshell } from "../../hosts";
import { enumerate } from "../../util/text";
import { createSelfSigned } from "../../x509/self-signed";
import type { Reporter } from "../engine/progress";
import type { DeploymentArguments } from "./arguments";

export interface StandIn {
  readonly applied: Applied;
  /** Of what lies there now. */
  readonly fingerprintSha256: string;
}

/** Lays one where nothing lies. What lies there already stays, whosever it is. */
export async function layStandIn(
  host: Host,
  args: DeploymentArguments,
  owner: { readonly ownerId: string; readonly urn: string | undefined },
  reporter: Reporter,
  signal: AbortSignal,
): Promise<StandIn> {
  const { certificatePem, privateKeyPem } = await createSelfSigned(nameOf(args));
  const material = { fullchainPem: certificatePem, privateKeyPem };
  const plan = await planDeployment(
    owner.ownerId,
    args,
    material,
    [certificatePem],
    async (_path, password) => {
      const { createPkcs12 } = await import("../../x509/pkcs12.js");
      return createPkcs12({ ...material, password });
    },
  );
  const { progress, warn } = reporter;
  const applied = await applyPlan(
    host,
    { ...plan, urn: owner.urn, needs: [], test: undefined, reload: lenient(plan) },
    { signal, progress, warn, onlyWhereAbsent: true },
  );
  if (applied.changed) {
    const leaf = new X509Certificate(certificatePem);
    return { applied, fingerprintSha256: fingerprintOf(leaf) };
  }
  const missing = plan.files.filter(
    ({ path }) => !applied.files.some((file) => file.path === path),
  );
  if (missing.length > 0) {
    const those = enumerate(missing.map(({ path }) => path));
    warn(`${host.label}: no stand-in is laid beside what is there already, so ${those} is missing`);
  }
  return { applied, fingerprintSha256: await fingerprintThere(host, args, signal) };
}

/** A service may lack other things as well: it is reloaded, or started, where that works. */
function lenient(plan: Plan): string | undefined {
  const reloads = reloadsIn(plan, "the service").map(({ command }) => `${subshell(command)} || :`);
  return reloads.length === 0 ? undefined : reloads.join("\n");
}

/** Any name does: the one that is asked for in handshakes, else the host's. */
function nameOf({
  verify,
  connection,
}: DeploymentArguments): Parameters<typeof createSelfSigned>[0] {
  const asked = typeof verify === "object" ? verify.serverName : undefined;
  const name = asked ?? (connection === "local" ? "localhost" : connection.host);
  return isIP(name) === 0 ? { dnsNames: [name] } : { ipAddresses: [name] };
}

/** Empty where no file holds a certificate alone. */
async function fingerprintThere(
  host: Host,
  { paths: { fullchain, certificate } }: DeploymentArguments,
  signal: AbortSignal,
): Promise<string> {
  const path = fullchain ?? certificate;
  if (path === undefined) return "";
  const { stdout } = await host.run(`cat ${shellQuote(path)}`, { signal });
  try {
    return fingerprintOf(new X509Certificate(stdout));
  } catch {
    return "";
  }
}
