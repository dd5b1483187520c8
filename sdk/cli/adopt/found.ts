/** What another ACME client left: accounts, certificates, how names were proven, and where the files are used. */
import type { CertificateFacts } from "../../x509/certificate";

/** A TypeScript value in the program: literals, {@link Secret}s and {@link Code}. */
export type Value =
  | string
  | number
  | boolean
  | Secret
  | Code
  | readonly Value[]
  | { readonly [key: string]: Value | undefined };

/** A text that the program takes from the stack's configuration. */
export class Secret {
  constructor(readonly text: string) {}
}

/** An expression of the program. */
export class Code {
  constructor(readonly text: string) {}
}

export interface FoundAccount {
  readonly directoryUrl: string;
  /** PKCS#8 in PEM. */
  readonly accountKeyPem: string;
  readonly contact: readonly string[];
}

/** A certificate and its key. */
export interface FoundPair {
  readonly fullchainPem: string;
  /** PKCS#8 in PEM. */
  readonly privateKeyPem: string;
  readonly leaf: CertificateFacts;
}

export interface FoundCertificate extends FoundPair {
  /** As the other client names it. */
  readonly name: string;
  readonly account: FoundAccount;
  readonly solvers: readonly FoundSolver[];
  /** More arguments of the `AcmeCertificate`. */
  readonly settings?: { readonly [key: string]: Value | undefined };
  readonly deployment?: FoundDeployment;
}

export interface FoundSolver {
  /** Empty: all names. */
  readonly dnsNames?: readonly string[];
  /** `{ http01: … }` and the like. */
  readonly solver: { readonly [key: string]: Value };
  /** What somebody has to look at. */
  readonly remark?: string;
}

export interface FoundDeployment {
  readonly service?: string;
  readonly files: readonly {
    readonly path: string;
    readonly content: string;
    readonly mode?: string;
    readonly owner?: string;
    readonly group?: string;
  }[];
  readonly test?: string;
  readonly reload?: string;
  readonly remark?: string;
}

export interface Found {
  readonly accounts: readonly FoundAccount[];
  readonly certificates: readonly FoundCertificate[];
}

/** Tells what was left out, or needs somebody's hand, and why. */
export type Report = (problem: string) => void;

export interface ReaderOptions {
  /** Of all accounts, for clients that do not store it. */
  readonly directoryUrl?: string;
}

/** Reads what one client left in a directory. */
export type Reader = (directory: string, report: Report, options?: ReaderOptions) => Promise<Found>;
