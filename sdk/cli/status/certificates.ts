/** The certificates of stacks and where they are deployed, as their states tell. Pure. */
import { certificateFact } from "../../resources/certificate-facts";
import { asObject, optionalString, strings } from "../../util/json";
import { type ExportedResource, StatusError } from "./stack-export";

/** What the state says of a certificate, whatever the time. */
export interface StoredCertificate {
  readonly stack: string;
  readonly urn: string;
  /** The resource's name. */
  readonly name: string;
  readonly dnsNames: readonly string[];
  readonly ipAddresses: readonly string[];
  /** The common name of the issuer. */
  readonly issuer?: string;
  /** RFC 3339, as are all times. Absent while there is no certificate. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  readonly renewAt?: string;
  /** Why it is renewed then. */
  readonly renewalReason: string;
  readonly fingerprintSha256?: string;
  readonly lastFailure?: {
    readonly at: string;
    readonly message: string;
    readonly nextAttemptAt?: string;
  };
  readonly deployments: readonly StoredDeployment[];
}

export interface StoredDeployment {
  readonly urn: string;
  /** `local`, or the host of its connection. */
  readonly host: string;
  /** What lies where: `{ fullchain: "/etc/ssl/web/fullchain.pem" }`. */
  readonly paths: Readonly<Record<string, string>>;
  readonly fingerprintSha256?: string;
  /** Whether the host has the certificate of the state. */
  readonly current: boolean;
}

const PREFIX = "pulumi-nodejs:dynamic/acme:";
/** The version of the states that this package writes. */
const STATE_VERSION = 1;

/** The certificates among the resources of one or several stacks, each with its deployments. */
export function certificatesIn(resources: readonly ExportedResource[]): StoredCertificate[] {
  const certificates = resources.filter(({ type }) => type === `${PREFIX}AcmeCertificate`);
  const deployments = resources.filter(isDeployment);
  certificates.concat(deployments).forEach(requireKnownVersion);
  return certificates.map((resource) => {
    const certificate = certificateOf(resource);
    return {
      ...certificate,
      deployments: deployments
        .filter((deployment) => isOf(deployment, resource.urn, certificate.fingerprintSha256))
        .map((deployment) => deploymentOf(deployment, certificate.fingerprintSha256)),
    };
  });
}

export function isDeployment({ type }: ExportedResource): boolean {
  return type === `${PREFIX}CertificateDeployment`;
}

function requireKnownVersion({ urn, outputs }: ExportedResource): void {
  const version = outputs["stateVersion"];
  if (typeof version !== "number" || version <= STATE_VERSION) return;
  throw new StatusError(
    `${urn} was written by a newer pulumi-acme (state version ${String(version)}): update this one`,
  );
}

function certificateOf({
  urn,
  inputs,
  outputs,
}: ExportedResource): Omit<StoredCertificate, "deployments"> {
  const fullchainPem = optionalString(outputs, "fullchainPem");
  const named = Array.isArray(outputs["dnsNames"]) ? outputs : inputs;
  return {
    // urn:pulumi:<stack>::<project>::<type>::<name>
    stack: urn.split("::")[0]?.split(":")[2] ?? "",
    urn,
    name: urn.split("::").slice(3).join("::"),
    dnsNames: strings(named, "dnsNames"),
    ipAddresses: strings(named, "ipAddresses"),
    issuer: factOf("issuerCommonName", fullchainPem),
    notBefore: optionalString(outputs, "notBefore"),
    notAfter: optionalString(outputs, "notAfter"),
    renewAt: optionalString(outputs, "renewAt"),
    renewalReason: renewalReason(inputs, outputs),
    fingerprintSha256: factOf("fingerprintSha256", fullchainPem),
    lastFailure: lastFailureOf(outputs),
  };
}

function factOf(
  fact: "issuerCommonName" | "fingerprintSha256",
  fullchainPem: string | undefined,
): string | undefined {
  try {
    return certificateFact(fact, fullchainPem);
  } catch {
    // What cannot be read is told by the absence of its facts.
    return undefined;
  }
}

function renewalReason(
  inputs: Readonly<Record<string, unknown>>,
  outputs: Readonly<Record<string, unknown>>,
): string {
  if (inputs["order"] !== undefined) return "with its order";
  const info = asObject(outputs["renewalInfo"]);
  if (info !== undefined && inputs["useRenewalInfo"] !== false) return "the CA's window";
  const renewBefore = optionalString(inputs, "renewBefore");
  return renewBefore === undefined ? "by its lifetime" : `renewBefore ${renewBefore}`;
}

function lastFailureOf(
  outputs: Readonly<Record<string, unknown>>,
): StoredCertificate["lastFailure"] {
  const failure = asObject(outputs["lastFailure"]);
  if (failure === undefined) return undefined;
  return {
    at: optionalString(failure, "at") ?? "",
    message: optionalString(failure, "message") ?? "",
    nextAttemptAt: optionalString(failure, "nextAttemptAt"),
  };
}

/** By what the program says; between stacks, where that is not known, by the certificate that was deployed. */
function isOf(
  deployment: ExportedResource,
  urn: string,
  fingerprintSha256: string | undefined,
): boolean {
  const sources = deployment
    .dependenciesOf("certificate")
    .filter((source) => source.includes(`${PREFIX}AcmeCertificate::`));
  if (sources.length > 0) return sources.includes(urn);
  return (
    fingerprintSha256 !== undefined && deployment.outputs["fingerprintSha256"] === fingerprintSha256
  );
}

function deploymentOf(
  { urn, inputs, outputs }: ExportedResource,
  fingerprintSha256: string | undefined,
): StoredDeployment {
  const paths = asObject(outputs["paths"]) ?? {};
  const deployed = optionalString(outputs, "fingerprintSha256");
  return {
    urn,
    host: hostOf(inputs["connection"]),
    paths: Object.fromEntries(
      Object.keys(paths).map((content) => [content, optionalString(paths, content) ?? ""]),
    ),
    fingerprintSha256: deployed,
    current: deployed !== undefined && deployed === fingerprintSha256,
  };
}

/** `local`, the host, or `(secret)`. */
function hostOf(connection: unknown): string {
  if (typeof connection === "string") return connection;
  return optionalString(asObject(connection) ?? {}, "host") ?? "(secret)";
}
