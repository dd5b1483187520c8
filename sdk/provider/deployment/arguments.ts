/** The arguments of a `CertificateDeployment`: their schema, what a change of each means, and the files they ask for. Pure. */
import * as v from "valibot";

import { FILE_CONTENTS, type FileContent, type FileRequest } from "../../deploy/file-request";
import type { CertificateMaterial } from "../../deploy/plan";
import { filesOf } from "../../deploy/plan-files";
import type { ServiceArgument } from "../../deploy/services/together";
import { START_TLS, type StartTls } from "../../deploy/starttls";
import type { Target } from "../../hosts/host";
import { targetSchema } from "../arguments/connection";
import {
  absolutePath,
  fileMode,
  fileOwner,
  hasControl,
  isPlainPath,
  isReserved,
  PATH_MESSAGE,
  serviceAddress,
} from "../arguments/host-file";
import { serviceSchema } from "../arguments/service";
import {
  duration,
  nonEmpty,
  object,
  oneOfWords,
  secret,
  text,
  withoutPrivateKey,
} from "../../schema/builders";
import { readPem } from "../../util/pem";
import { digestOf, type Rules } from "../engine/rules";
import { hasUnknown, isRecord, isUnknown } from "../engine/wire";

export interface VerifyArguments {
  readonly address?: string;
  readonly serverName?: string;
  readonly startTls?: StartTls | "none";
  readonly timeout?: string;
}

/** As `check` leaves them: `directory` and `paths` are always there. */
export interface DeploymentArguments {
  /** Absent: a stand-in, until there is one. */
  readonly certificate?: CertificateMaterial;
  readonly connection: Target;
  readonly service?: ServiceArgument;
  readonly directory: string;
  readonly files?: readonly FileRequest[];
  readonly test?: string;
  readonly reload?: string;
  readonly verify?: VerifyArguments | "report" | false;
  readonly triggers?: readonly unknown[];
  readonly readableBy?: readonly string[];
  readonly selfSigned?: boolean;
  readonly forgetUnreachable?: boolean;
  readonly paths: Partial<Record<FileContent, string>>;
}

/** Text round whole certificates, or another block. A private key, and what is damaged, are told of elsewhere. */
function holdsMore(pem: string): boolean {
  const { blocks, outside, isDamaged } = readPem(pem);
  if (blocks.some(({ label }) => !/^CERTIFICATE$|PRIVATE KEY$/.test(label))) return true;
  return blocks.length > 0 && outside !== "" && !isDamaged;
}

const certificateReference = object({
  fullchainPem: v.pipe(
    text(
      (value) => value.includes("-----BEGIN CERTIFICATE-----"),
      "must be certificates in PEM, the leaf first",
    ),
    withoutPrivateKey,
    v.check(
      (value) => !holdsMore(value),
      "holds something besides the blocks of certificates, which services may take amiss: leave it out (openssl x509 adds it with -text, and with -trustout)",
    ),
  ),
  privateKeyPem: v.optional(
    secret(
      text(
        (value) => /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value),
        "must be a private key in PEM",
      ),
    ),
  ),
  certificatePem: v.optional(v.string()),
  issuerPem: v.optional(v.string()),
});

/** An absolute path, or a name in the deployment's directory. */
const filePath = text((value) => {
  const path = value.includes("/") ? value : `/${value}`;
  return isPlainPath(path) && !["/.", "/.."].includes(path) && !value.split("/").some(isReserved);
}, `${PATH_MESSAGE}; or a name in the deployment's directory`);

const file = v.pipe(
  object({
    path: filePath,
    content: oneOfWords(FILE_CONTENTS),
    mode: v.optional(fileMode),
    owner: v.optional(fileOwner),
    group: v.optional(fileOwner),
    acl: v.optional(
      v.array(
        text(
          (value) => /^[A-Za-z][^,\s]*:[^,]*$/.test(value) && !hasControl(value),
          'must be one entry for setfacl -m, such as "u:postfix:r"',
        ),
      ),
    ),
    password: v.optional(
      secret(
        text((value) => /^[\x20-\x7e]+$/.test(value), "must be printable ASCII, and not empty"),
      ),
    ),
  }),
  v.check(
    ({ content, password }) => content !== "pkcs12" || password !== undefined,
    "a pkcs12 needs a password",
  ),
  v.check(
    ({ content, password }) => content === "pkcs12" || password === undefined,
    "only a pkcs12 has a password",
  ),
);

const NO_VERIFY = 'must be an object, "report" or false; left out, the service\'s port is tried';

const verify = object({
  address: v.optional(serviceAddress),
  serverName: v.optional(nonEmpty),
  startTls: v.optional(oneOfWords([...START_TLS, "none"] as const)),
  timeout: v.optional(duration),
});

const userName = text(
  (value) => /^[^\s:/-][^\s:/]*$/.test(value),
  "must be the name of a user on the host",
);

export const deploymentSchema: v.GenericSchema<
  Omit<DeploymentArguments, "directory" | "paths"> & { readonly directory?: string }
> = object({
  certificate: v.optional(certificateReference),
  connection: targetSchema,
  service: v.optional(serviceSchema),
  directory: v.optional(absolutePath),
  files: v.optional(
    v.pipe(
      v.array(file),
      v.check((list) => list.length > 0, "must not be empty; left out, it is the service's"),
    ),
  ),
  test: v.optional(nonEmpty),
  reload: v.optional(nonEmpty),
  verify: v.optional(
    v.lazy((input) => {
      if (typeof input === "string") return v.literal("report", NO_VERIFY);
      return typeof input === "boolean" ? v.literal(false, NO_VERIFY) : verify;
    }),
  ),
  triggers: v.optional(v.array(v.unknown())),
  readableBy: v.optional(v.array(userName)),
  selfSigned: v.optional(v.boolean()),
  forgetUnreachable: v.optional(v.boolean()),
});

/** What a change of an argument means: `apply` is work on the host. */
export const RULES: Rules<DeploymentArguments, "apply"> = {
  certificate: { change: "apply", stored: storedCertificate },
  // Another host replaces; credentials are taken over; a look tells whether another machine has the host's place.
  connection: { change: "settings" },
  service: { change: "apply" },
  directory: { change: "replace" },
  files: { change: "apply", stored: storedFiles },
  test: { change: "apply" },
  reload: { change: "apply" },
  verify: { change: "apply" },
  triggers: { change: "apply" },
  readableBy: { change: "apply" },
  // With a certificate it has nothing to do, without one it has been there.
  selfSigned: { change: "settings", default: false },
  forgetUnreachable: { change: "settings", default: false },
  // Follow from the others.
  paths: { change: "none" },
};

function storedCertificate(certificate: CertificateMaterial): CertificateMaterial {
  const { fullchainPem, privateKeyPem } = certificate;
  return { fullchainPem, privateKeyPem: secretDigest(privateKeyPem) };
}

function storedFiles(files: readonly FileRequest[]): FileRequest[] {
  return files.map((file) =>
    isRecord(file) ? { ...file, password: secretDigest(file.password) } : file,
  );
}

function secretDigest(value: string | undefined): string | undefined {
  return value === undefined || isUnknown(value) ? value : digestOf(value);
}

/**
 * The files that these arguments ask for, with absolute paths; `undefined` while it is not known.
 *
 * @param withKey - whether the certificate has a key, where it is not known yet.
 */
export function requestedFiles(
  args: DeploymentArguments,
  withKey: boolean,
): FileRequest[] | undefined {
  const { directory, files, service } = args;
  if (isUnknown(files) || (files ?? []).some(isUnknown)) return undefined;
  const shape = (files ?? []).map(({ path, content }) => [path, content]);
  if (hasUnknown([directory, service, shape])) return undefined;
  return filesOf({ directory, service, files }, withKey);
}

/** Whether the certificate has a private key; `undefined` while it is not known. */
export function hasKey(certificate: unknown): boolean | undefined {
  if (!isRecord(certificate)) return undefined;
  const key = certificate["privateKeyPem"];
  return isUnknown(key) ? undefined : key !== undefined && key !== null;
}
