/** The Pulumi program that adopts what was found. Pure. */
import { directories } from "../../resources/directories";
import { keyTypeOf } from "../../x509/keys";
import { Code, type Found, type FoundAccount, type FoundCertificate, Secret } from "./found";
import { identifierOf, literal, uniqueNames } from "./literal";

export interface Program {
  /** TypeScript. */
  readonly text: string;
  /** What the program reads from the configuration: key → value. */
  readonly settings: ReadonlyMap<string, { readonly value: string; readonly isSecret: boolean }>;
}

export interface ProgramOptions {
  /** What wrote the files, for the first line. */
  readonly client: string;
  /** The file that has the settings; default: the stack's configuration. */
  readonly settingsFile?: string;
  /** A file with the certificates of private CAs' own servers. */
  readonly caBundleFile?: string;
}

type Settings = Map<string, { value: string; isSecret: boolean }>;

export function programFor(found: Found, options: ProgramOptions): Program {
  const settings: Settings = new Map();
  const used = found.accounts.filter((account) =>
    found.certificates.some((certificate) => certificate.account === account),
  );
  const accounts = used.length > 0 ? used : found.accounts;
  const names = uniqueNames(TAKEN);
  const variables = new Map(
    accounts.map((account) => [account, names(identifierOf(accountName(account)))]),
  );
  const resourceNames = uniqueNames();
  const parts = [
    ...accounts.map((account) => accountText(account, variables, settings, options)),
    ...found.certificates.map((one) => {
      const named = { ...one, name: resourceNames(one.name) };
      return certificateText(named, variables, names(identifierOf(one.name)), settings);
    }),
  ];
  const isEmpty = settings.size === 0;
  return { text: [heading(options, isEmpty), ...parts].join("\n"), settings };
}

function heading({ client, settingsFile, caBundleFile }: ProgramOptions, isEmpty: boolean): string {
  const readsFile = settingsFile !== undefined || caBundleFile !== undefined;
  const config =
    settingsFile === undefined
      ? ["const config = new pulumi.Config();"]
      : [
          `const settings = JSON.parse(readFileSync(${literal(settingsFile)}, "utf8"));`,
          "const config = {",
          "  require: (key: string): string => settings[key],",
          "  requireSecret: (key: string) => pulumi.secret<string>(settings[key]),",
          "};",
        ];
  return [
    `/** Adopts the accounts and certificates of ${client}. Nothing is ordered until a renewal is due. */`,
    ...(readsFile ? [`import { readFileSync } from "node:fs";`, ""] : []),
    ...(isEmpty ? [] : [`import * as pulumi from "@pulumi/pulumi";`]),
    `import * as acme from "pulumi-acme";`,
    "",
    ...(isEmpty ? [] : [...config, ""]),
  ].join("\n");
}

/** Words that the program uses itself, or that TypeScript reserves and a host may be called. */
const TAKEN = [
  "acme",
  "config",
  "pulumi",
  "settings",
  "class",
  "default",
  "delete",
  "import",
  "new",
];

/** The name in `directories` where there is one, else the host's. */
function accountName({ directoryUrl }: FoundAccount): string {
  return publicName(directoryUrl) ?? new URL(directoryUrl).hostname;
}

function publicName(directoryUrl: string): string | undefined {
  return Object.entries(directories).find(([, url]) => url === directoryUrl)?.[0];
}

function accountText(
  account: FoundAccount,
  variables: ReadonlyMap<FoundAccount, string>,
  settings: Settings,
  { caBundleFile }: ProgramOptions,
): string {
  const variable = variables.get(account) ?? "account";
  const known = publicName(account.directoryUrl);
  const args = {
    directoryUrl:
      known === undefined ? account.directoryUrl : new Code(`acme.directories.${known}`),
    termsOfServiceAgreed: true,
    contact: account.contact.length === 0 ? undefined : account.contact,
    accountKeyPem: new Secret(account.accountKeyPem),
    mustExist: true,
    caBundlePem:
      known !== undefined || caBundleFile === undefined
        ? undefined
        : new Code(`readFileSync(${literal(caBundleFile)}, "utf8")`),
  };
  return `const ${variable} = new acme.AcmeAccount(${literal(variable)}, ${literal(args, configured(variable, settings))});\n`;
}

function certificateText(
  certificate: FoundCertificate,
  variables: ReadonlyMap<FoundAccount, string>,
  variable: string,
  settings: Settings,
): string {
  const { name, leaf, fullchainPem, privateKeyPem, solvers, deployment } = certificate;
  const { dnsNames, ipAddresses } = leaf;
  const keyType = keyTypeOf(privateKeyPem);
  const remarks = solvers.flatMap(({ remark }) => (remark === undefined ? [] : [remark]));
  settings.set(`${variable}Fullchain`, { value: fullchainPem, isSecret: false });
  const args = {
    account: new Code(variables.get(certificate.account) ?? "account"),
    dnsNames: dnsNames.length === 0 ? undefined : dnsNames,
    ipAddresses: ipAddresses.length === 0 ? undefined : ipAddresses,
    keyType: keyType === "P256" ? undefined : keyType,
    ...certificate.settings,
    solvers: solvers.map(({ dnsNames: selected, solver }) => ({
      dnsNames: selected === undefined || selected.length === 0 ? undefined : selected,
      ...solver,
    })),
    existing: {
      fullchainPem: new Code(`config.require(${literal(`${variable}Fullchain`)})`),
      privateKeyPem: new Secret(privateKeyPem),
    },
  };
  const body = literal(args, configured(variable, settings));
  const text = `${comments(remarks)}const ${variable} = new acme.AcmeCertificate(${literal(name)}, ${body});\n`;
  if (deployment === undefined) return text;
  const { remark, ...rest } = deployment;
  const deployed = literal({ certificate: new Code(variable), connection: "local", ...rest });
  const about = comments(remark === undefined ? [] : [remark]);
  return `${text}${about}new acme.CertificateDeployment(${literal(name)}, ${deployed});\n`;
}

/** Names a secret after the resource's variable and the argument, and puts it into the settings. */
function configured(variable: string, settings: Settings) {
  return (argument: string, { text }: Secret): string => {
    const base = `${variable}${argument.charAt(0).toUpperCase()}${argument.slice(1)}`;
    let key = base;
    for (let n = 2; settings.has(key); n += 1) key = `${base}${String(n)}`;
    settings.set(key, { value: text, isSecret: true });
    return `config.requireSecret(${literal(key)})`;
  };
}

function comments(remarks: readonly string[]): string {
  return remarks.map((remark) => `// ${remark.replace(/\s+/g, " ")}\n`).join("");
}
