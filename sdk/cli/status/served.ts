/** What the services of deployments answer with: a TLS handshake from here, without a login. */
import { X509Certificate } from "node:crypto";

import { type Endpoint, fingerprintOf, look } from "../../deploy";
import type { DeploymentArguments } from "../../provider/deployment/arguments";
import { endpointsOf } from "../../provider/deployment/endpoint";
import { mapConcurrent } from "../../util/concurrency";
import { hostAndPort } from "../../util/host-name";
import { asObject, optionalString } from "../../util/json";
import type { ExportedResource } from "./stack-export";
import type { Served } from "./state";

const AT_A_TIME = 20;

/** By the URN of the deployment. One without a known address, or only reachable through its host, is not in it. */
export async function lookAtServices(
  deployments: readonly ExportedResource[],
): Promise<Map<string, Served>> {
  const seen = await mapConcurrent(AT_A_TIME, deployments, async (deployment) => ({
    urn: deployment.urn,
    served: await servedBy(deployment),
  }));
  return new Map(
    seen.flatMap(({ urn, served }): [string, Served][] =>
      served === undefined ? [] : [[urn, served]],
    ),
  );
}

/** Of several ports the first that does not serve the certificate, if there is one. */
async function servedBy({ inputs }: ExportedResource): Promise<Served | undefined> {
  const places = placesIn(inputs);
  if (places === undefined) return undefined;
  const { leaf, endpoints } = places;
  const seen = await Promise.all(endpoints.map(servedAt));
  const wanted = fingerprintOf(leaf);
  return seen.find(({ fingerprintSha256 }) => fingerprintSha256 !== wanted) ?? seen[0];
}

async function servedAt(endpoint: Endpoint): Promise<Served> {
  const address = hostAndPort(endpoint.address, endpoint.port);
  const seen = await look(WITHOUT_LOGIN, { ...endpoint, from: ["here"] });
  return seen.fingerprint === undefined
    ? { address, problem: seen.problem }
    : { address, fingerprintSha256: seen.fingerprint };
}

/** The certificate of a deployment, and where it should be served; `undefined` where the inputs do not show it. */
function placesIn(
  inputs: ExportedResource["inputs"],
): { readonly leaf: X509Certificate; readonly endpoints: readonly Endpoint[] } | undefined {
  const pem = optionalString(asObject(inputs["certificate"]) ?? {}, "fullchainPem");
  if (pem === undefined || inputs["connection"] === undefined) return undefined;
  try {
    const leaf = new X509Certificate(pem);
    // The inputs in a state are what `check` left: a deployment's arguments, but for what is secret.
    const endpoints = endpointsOf(inputs as unknown as DeploymentArguments, leaf);
    return { leaf, endpoints: endpoints.filter(({ from }) => from.includes("here")) };
  } catch {
    // A certificate that cannot be read, a host that is secret, a preset of a later version.
    return undefined;
  }
}

const WITHOUT_LOGIN = {
  connect: () => Promise.reject(new Error("the status does not log in to hosts")),
};
