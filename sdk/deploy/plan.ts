/** Which files a certificate becomes, with which content. Pure but for the salt of PKCS#12. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

import { ConfigurationError } from "../util/errors";
import { fullMode, type Plan, type PlannedFile } from "./files";
import { type FileRequest, type FileContent, holdsKey } from "./file-request";
import { filesOf, pathsOf } from "./plan-files";
import { commandsOf, type ServiceArgument } from "./services/together";

export interface CertificateMaterial {
  readonly fullchainPem: string;
  /** Absent for a certificate that was issued for somebody's CSR. */
  readonly privateKeyPem?: string;
}

export interface DeploymentRequest {
  readonly directory: string;
  /** Absent: the service's. */
  readonly files?: readonly FileRequest[];
  readonly service?: ServiceArgument;
  readonly test?: string;
  readonly reload?: string;
  readonly readableBy?: readonly string[];
}

/** Makes a PKCS#12 file; its salt makes it another one each time, so callers keep what they got. */
export type MakePkcs12 = (path: string, password: string) => Promise<Uint8Array>;

/**
 * The plan of a deployment.
 *
 * @param chain - the certificates of `material.fullchainPem`, in PEM, leaf first.
 * @throws {@link ConfigurationError} for a key that is not the certificate's.
 */
export async function planDeployment(
  resource: string,
  request: DeploymentRequest,
  material: CertificateMaterial,
  chain: readonly string[],
  makePkcs12: MakePkcs12,
): Promise<Plan> {
  const key = keyOf(material, chain);
  const wanted = filesOf(request, key !== undefined);
  const files: PlannedFile[] = [];
  for (const file of wanted) {
    const content =
      file.content === "pkcs12"
        ? await makePkcs12(file.path, file.password ?? "")
        : contentOf(file.content, chain, key);
    files.push(plannedFile(file, content));
  }
  const { directory, service } = request;
  const deployed = { directory, paths: pathsOf(wanted) };
  const commands = commandsOf(service, request, deployed);
  const readable = (request.readableBy ?? []).flatMap((user) =>
    secretsOrAll(wanted).map(({ path }) => ({ user, path })),
  );
  return { resource, files, directory, readable, ...commands };
}

function plannedFile(file: FileRequest, content: Uint8Array): PlannedFile {
  const { path, owner, group, acl } = file;
  const mode = fullMode(file.mode ?? (holdsKey(file.content) ? "0600" : "0644"));
  return {
    path,
    content,
    mode,
    ...(owner !== undefined && { owner }),
    ...(group !== undefined && { group }),
    ...(acl !== undefined && { acl }),
  };
}

/* What a user must be able to read is the key; where there is none, what there is. */
function secretsOrAll(files: readonly FileRequest[]): readonly FileRequest[] {
  const secrets = files.filter(({ content }) => holdsKey(content));
  return secrets.length > 0 ? secrets : files;
}

function keyOf(material: CertificateMaterial, chain: readonly string[]): KeyObject | undefined {
  if (material.privateKeyPem === undefined) return undefined;
  let key: KeyObject;
  try {
    key = createPrivateKey(material.privateKeyPem);
  } catch {
    // OpenSSL's words may quote what they could not read.
    throw new ConfigurationError(
      "certificate.privateKeyPem is not a private key in PEM that can be read (an encrypted one cannot)",
    );
  }
  if (!new X509Certificate(chain[0] ?? "").checkPrivateKey(key)) {
    throw new ConfigurationError(
      `certificate.privateKeyPem does not belong to the first certificate of certificate.fullchainPem${placeOf(key, chain)}`,
    );
  }
  return key;
}

/** Where the certificate of `key` stands instead, for the message. */
function placeOf(key: KeyObject, chain: readonly string[]): string {
  const index = chain.findIndex((pem) => new X509Certificate(pem).checkPrivateKey(key));
  return index === -1 ? "" : `, but to number ${String(index + 1)}: the leaf must be the first`;
}

function contentOf(
  content: Exclude<FileContent, "pkcs12">,
  chain: readonly string[],
  key: KeyObject | undefined,
): Uint8Array {
  const [leaf = "", ...issuers] = chain;
  switch (content) {
    case "fullchain":
      return text(chain.join(""));
    case "certificate":
      return text(leaf);
    case "issuer":
      return text(issuers.join(""));
    case "certificateDer":
      return new X509Certificate(leaf).raw;
    case "bundle":
      return text(chain.join("") + pkcs8(present(key)));
    case "privateKey":
      return text(pkcs8(present(key)));
    case "privateKeyTraditional":
      return text(traditional(present(key)));
    case "privateKeyDer":
      return present(key).export({ type: "pkcs8", format: "der" });
  }
}

function present(key: KeyObject | undefined): KeyObject {
  if (key === undefined) throw new ConfigurationError("the certificate has no private key");
  return key;
}

function text(value: string): Uint8Array {
  return Buffer.from(value, "utf8");
}

function pkcs8(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }) as string;
}

/** PKCS#1 for RSA, SEC 1 for elliptic curves: what old software reads. Ed25519 has no such form, and old software none of it. */
function traditional(key: KeyObject): string {
  if (key.asymmetricKeyType === "rsa")
    return key.export({ type: "pkcs1", format: "pem" }) as string;
  if (key.asymmetricKeyType === "ec") return key.export({ type: "sec1", format: "pem" }) as string;
  return pkcs8(key);
}
