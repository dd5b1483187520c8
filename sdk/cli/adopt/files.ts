/** Files of other clients: what cannot be read is reported and left out. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

import { messageOf } from "../../util/errors";
import { asObject, parseJson } from "../../util/json";
import { describeCertificate } from "../../x509/certificate";
import { isSameKey, normalizePrivateKey } from "../../x509/keys";
import { splitCertificates } from "../../x509/pem";
import type { FoundPair, Report } from "./found";

/** Certificates and keys are smaller. */
const MAX_BYTES = 1024 * 1024;

/** `undefined` where there is no such file; one that cannot be read is reported. */
export async function readText(path: string, report: Report): Promise<string | undefined> {
  try {
    const text = await readFile(path, "utf8");
    if (text.length <= MAX_BYTES) return text;
    report(`${path}: is larger than a certificate or a key`);
  } catch (error) {
    if (!isMissing(error)) report(`${path}: ${reasonOf(error)}`);
  }
  return undefined;
}

export async function readObject(
  path: string,
  report: Report,
): Promise<Record<string, unknown> | undefined> {
  const text = await readText(path, report);
  if (text === undefined) return undefined;
  const object = asObject(parseJson(text));
  if (object === undefined) report(`${path}: is no JSON object`);
  return object;
}

/** Names of the directories in a directory, sorted; none where there is none. */
export async function subdirectories(path: string, report: Report): Promise<string[]> {
  return namesIn(path, report, (entry) => entry.isDirectory());
}

/** Names of the files in a directory that end so, sorted and without the ending. */
export async function filesEndingIn(
  ending: string,
  path: string,
  report: Report,
): Promise<string[]> {
  const names = await namesIn(path, report, (entry) => !entry.isDirectory());
  return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length));
}

/** Certificate and key of these files, where they are a pair that is still valid. */
export async function readPair(
  paths: { readonly fullchain: string; readonly issuer?: string; readonly privateKey: string },
  report: Report,
): Promise<FoundPair | undefined> {
  const fullchain = await wanted(paths.fullchain, report);
  const privateKey = await wanted(paths.privateKey, report);
  if (fullchain === undefined || privateKey === undefined) return undefined;
  try {
    const certificates = splitCertificates(fullchain);
    const [leafPem = ""] = certificates;
    if (certificates.length === 1 && paths.issuer !== undefined) {
      certificates.push(...splitCertificates((await readText(paths.issuer, report)) ?? ""));
    }
    const privateKeyPem = normalizePrivateKey(privateKey);
    if (!isSameKey(privateKeyPem, leafPem)) {
      throw new Error(`is not the certificate of the key ${paths.privateKey}`);
    }
    const leaf = describeCertificate(leafPem);
    if (leaf.notAfter.getTime() <= Date.now()) {
      throw new Error(`expired at ${leaf.notAfter.toISOString()}`);
    }
    return { fullchainPem: certificates.join(""), privateKeyPem, leaf };
  } catch (error) {
    report(`${paths.fullchain}: ${messageOf(error)}; left out`);
    return undefined;
  }
}

async function wanted(path: string, report: Report): Promise<string | undefined> {
  const problems: string[] = [];
  const text = await readText(path, (problem) => problems.push(problem));
  if (text === undefined && problems.length === 0) problems.push(`${path}: there is no such file`);
  for (const problem of problems) report(`${problem}; left out`);
  return text;
}

async function namesIn(
  path: string,
  report: Report,
  filter: (entry: { isDirectory(): boolean }) => boolean,
): Promise<string[]> {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries
      .filter(filter)
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (!isMissing(error)) report(`${path}: ${reasonOf(error)}`);
    return [];
  }
}

/** A key as PKCS#8; `undefined` and a report where it is none. */
export function readKey(text: string, path: string, report: Report): string | undefined {
  try {
    return normalizePrivateKey(text);
  } catch (error) {
    report(`${path}: ${messageOf(error)}; left out`);
    return undefined;
  }
}

/** The path of what is in a directory. */
export const inDirectory = (directory: string) => (name: string) => join(directory, name);

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

function reasonOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === "EACCES" || code === "EPERM"
    ? "may not be read by this user; run it as root"
    : messageOf(error);
}
