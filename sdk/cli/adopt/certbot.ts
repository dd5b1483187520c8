/** certbot 2 to 5: `/etc/letsencrypt`. */
import { createPrivateKey, type JsonWebKey } from "node:crypto";
import { join } from "node:path";

import { shellQuote } from "../../hosts/command/shell";
import { asObject, strings } from "../../util/json";
import { certbotSolvers } from "./certbot-solvers";
import { type ConfigSection, readConfig } from "./configobj";
import { filesEndingIn, inDirectory, readObject, readPair, readText } from "./files";
import type { FoundAccount, FoundCertificate, FoundDeployment, Reader, Report } from "./found";

export const certbot: Reader = async (directory, report) => {
  const accounts = new Map<string, FoundAccount>();
  const certificates: FoundCertificate[] = [];
  const renewal = join(directory, "renewal");
  for (const name of await filesEndingIn(".conf", renewal, report)) {
    const path = join(renewal, `${name}.conf`);
    const config = readConfig((await readText(path, report)) ?? "");
    const params = config.sections["renewalparams"];
    if (params === undefined) {
      report(`${path}: has no [renewalparams]; left out`);
      continue;
    }
    const account = await accountOf(params, { directory, path, accounts }, report);
    const paths = pathsOf(config, join(directory, "live", name));
    const pair = await readPair(paths, report);
    if (account === undefined || pair === undefined) continue;
    const { dnsNames } = pair.leaf;
    certificates.push({
      name,
      ...pair,
      account,
      solvers: await certbotSolvers(params, dnsNames, (problem) => {
        report(`${path}: ${problem}`);
      }),
      settings: settingsOf(config, params),
      deployment: deploymentOf(params, paths, dnsNames),
    });
  }
  return { accounts: [...accounts.values()], certificates };
};

interface Place {
  readonly directory: string;
  /** Of the certificate's configuration. */
  readonly path: string;
  readonly accounts: Map<string, FoundAccount>;
}

/** `accounts/<host of the directory>/<its path>/<identifier>/`. */
async function accountOf(
  params: ConfigSection,
  { directory, path, accounts }: Place,
  report: Report,
): Promise<FoundAccount | undefined> {
  const { server, account: identifier } = params.values;
  if (server === undefined || identifier === undefined || !URL.canParse(server)) {
    report(`${path}: names no account and server; left out`);
    return undefined;
  }
  const { host, pathname } = new URL(server);
  const folder = join(directory, "accounts", host, pathname, identifier);
  const known = accounts.get(folder);
  if (known !== undefined) return known;
  const key = await readObject(join(folder, "private_key.json"), report);
  if (key === undefined) {
    report(`${folder}: there is no account with a key; left out, with ${path}`);
    return undefined;
  }
  const accountKeyPem = keyFrom(key);
  if (accountKeyPem === undefined) {
    report(`${folder}/private_key.json: is no private key; left out, with ${path}`);
    return undefined;
  }
  const registration = (await readObject(join(folder, "regr.json"), report)) ?? {};
  const contact = strings(asObject(registration["body"]) ?? {}, "contact");
  const account = { directoryUrl: server, accountKeyPem, contact };
  accounts.set(folder, account);
  return account;
}

function keyFrom(jwk: Record<string, unknown>): string | undefined {
  try {
    const key = createPrivateKey({ key: jwk as JsonWebKey, format: "jwk" });
    return key.export({ type: "pkcs8", format: "pem" }).toString();
  } catch {
    return undefined;
  }
}

function pathsOf(config: ConfigSection, live: string) {
  const at = inDirectory(live);
  return {
    certificate: config.values["cert"] ?? at("cert.pem"),
    issuer: config.values["chain"] ?? at("chain.pem"),
    fullchain: config.values["fullchain"] ?? at("fullchain.pem"),
    privateKey: config.values["privkey"] ?? at("privkey.pem"),
  };
}

function settingsOf(config: ConfigSection, params: ConfigSection): FoundCertificate["settings"] {
  const before = /^(\d+)\s*(day|hour)s?$/.exec(config.values["renew_before_expiry"] ?? "");
  return {
    profile: params.values["preferred_profile"] ?? params.values["required_profile"],
    preferredChain: params.values["preferred_chain"],
    renewBefore: before === null ? undefined : `${before[1] ?? ""}${(before[2] ?? "").slice(0, 1)}`,
  };
}

/** Services read the files in `live/`: they stay where they are, as files in place of links. */
function deploymentOf(
  params: ConfigSection,
  paths: Readonly<Record<"certificate" | "issuer" | "fullchain" | "privateKey", string>>,
  dnsNames: readonly string[],
): FoundDeployment {
  const hook = params.values["renew_hook"] ?? params.values["deploy_hook"];
  const { installer } = params.values;
  const environment = [
    `RENEWED_LINEAGE=${shellQuote(join(paths.fullchain, ".."))}`,
    `RENEWED_DOMAINS=${shellQuote(dnsNames.join(" "))}`,
  ];
  return {
    service: installer === "nginx" ? "nginx" : undefined,
    files: [
      { path: paths.fullchain, content: "fullchain" },
      { path: paths.certificate, content: "certificate" },
      { path: paths.issuer, content: "issuer" },
      { path: paths.privateKey, content: "privateKey" },
    ],
    test: installer === "apache" ? "apachectl configtest" : undefined,
    reload:
      hook !== undefined
        ? `export ${environment.join(" ")}; ${hook}`
        : installer === "apache"
          ? "apachectl graceful"
          : undefined,
    remark:
      "certbot must not renew it any more: remove its timer (systemctl disable certbot.timer).",
  };
}
