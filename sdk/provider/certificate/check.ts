/**
 * `check` of an `AcmeCertificate`: what is wrong with its arguments, and the arguments in their normal form. Pure.
 *
 * What is normalized here is known in preview, and compared in `diff`.
 */
import type { SolverArguments } from "../../issuance/solver-arguments";
import { unsolvable } from "../../issuance/select-solver";
import { type Normalized, normalizeDnsName, normalizeIpAddress } from "../../util/names";
import type { CheckFailure, CheckResult, Properties } from "../engine/handler";
import { normalizeNames, tooManyNames } from "../arguments/names";
import { isGivenKey, normalizeOwnKey } from "../arguments/own-key";
import { SECRET_ARGUMENTS } from "../../util/secret-names";
import { failuresOf } from "../arguments/failures";
import { withTrimmedCredentials } from "../arguments/solvers";
import { conflictsOf } from "../engine/rules";
import { hasUnknown, isRecord, isUnknown, markSecrets } from "../engine/wire";
import { certificateSchema, RULES } from "./arguments";
import { contradictionsOfOrder, withOrder } from "./with-order";

export function checkCertificate(written: Properties): CheckResult {
  const failures = failuresOf(certificateSchema, written);
  if (failures.length === 0) {
    failures.push(...conflictsOf(RULES, written), ...contradictionsOfOrder(written));
  }
  const news = failures.length === 0 ? withOrder(written) : written;
  const normalized = normalize(news, failures);
  if (failures.length === 0) failures.push(...contradictions(normalized, news));
  return { inputs: markSecrets(normalized, SECRET_ARGUMENTS) as Properties, failures };
}

/** Names, addresses and solvers in their normal form; what is wrong goes to `failures`. */
function normalize(news: Properties, failures: CheckFailure[]): Properties {
  const dnsNames = normalizeNames(news["dnsNames"], "dnsNames", failures);
  const ipAddresses = normalizeNames(
    news["ipAddresses"],
    "ipAddresses",
    failures,
    normalizeIpAddress,
  );
  const solvers = Array.isArray(news["solvers"])
    ? news["solvers"].map((solver: unknown, index) =>
        isRecord(solver) ? normalizeSolver(solver, `solvers[${String(index)}]`, failures) : solver,
      )
    : news["solvers"];
  const commonName = normalizeCommonName(news["commonName"]);
  const privateKeyPem = normalizeOwnKey(news, "privateKeyPem", failures);
  // A key has its kind: saying it beside changes nothing.
  const keyType = isGivenKey(privateKeyPem) ? undefined : news["keyType"];
  return { ...news, dnsNames, ipAddresses, solvers, commonName, privateKeyPem, keyType };
}

/** As the names are: the request holds it as it is here. */
function normalizeCommonName(value: unknown): unknown {
  if (typeof value !== "string" || isUnknown(value)) return value;
  const normal = [normalizeDnsName(value), normalizeIpAddress(value)].find((one) => "value" in one);
  return normal === undefined ? value : normal.value;
}

function normalizeSolver(solver: Properties, path: string, failures: CheckFailure[]): Properties {
  const list = (key: string): unknown => normalizeNames(solver[key], `${path}.${key}`, failures);
  return {
    ...withTrimmedCredentials(solver),
    dnsNames: list("dnsNames"),
    dnsZones: list("dnsZones"),
  };
}

/** What is right by itself and wrong together. Whatever is not known yet is left for `up`. */
function contradictions(news: Properties, written: Properties): CheckFailure[] {
  const failures: CheckFailure[] = [];
  const fail = (path: string, reason: string): void => {
    failures.push({ path, reason });
  };
  const names = news["dnsNames"] as string[] | undefined;
  const addresses = news["ipAddresses"] as string[] | undefined;
  const withRequest = news["certificateRequestPem"] !== undefined;
  if (hasUnknown(names) || hasUnknown(addresses)) return failures;
  const count = (names?.length ?? 0) + (addresses?.length ?? 0);
  if (count === 0 && !withRequest)
    fail("dnsNames", "a certificate needs at least one of dnsNames and ipAddresses");
  failures.push(...tooManyNames(count));
  if (withRequest && count > 0) {
    fail("dnsNames", "are the request's own where certificateRequestPem is given; leave them out");
  }
  const commonName = news["commonName"];
  if (typeof commonName === "string" && !isUnknown(commonName))
    commonNameFits(commonName, [...(names ?? []), ...(addresses ?? [])], fail);
  if (news["profileRequired"] === true && news["profile"] === undefined) {
    fail("profileRequired", "says nothing without a profile");
  }
  failures.push(...unprovable(written, news["solvers"]));
  return failures;
}

function commonNameFits(
  commonName: string,
  names: readonly string[],
  fail: (path: string, reason: string) => void,
): void {
  if (!names.includes(commonName)) fail("commonName", "must be one of dnsNames, or of ipAddresses");
  // ub-common-name, RFC 5280 appendix A.
  if (commonName.length > 64) fail("commonName", "must not be longer than 64 characters");
}

/** Names that no solver can prove, by their place in the program. Without any solver the CA may still know them proven. */
function unprovable(written: Properties, solvers: unknown): CheckFailure[] {
  if (!Array.isArray(solvers) || hasSelectorUnknown(solvers)) return [];
  const entries = solvers as SolverArguments[];
  const unsolvableIn = (
    type: "dns" | "ip",
    key: string,
    normalizeOne: (text: string) => Normalized,
  ): CheckFailure[] =>
    ((written[key] ?? []) as string[]).flatMap((item, index) => {
      const normal = normalizeOne(item);
      const reason =
        "value" in normal ? unsolvable(entries, { type, value: normal.value }) : undefined;
      return reason === undefined
        ? []
        : [{ path: `${key}[${String(index)}]`, reason: `${item} ${reason}` }];
    });
  return [
    ...unsolvableIn("dns", "dnsNames", normalizeDnsName),
    ...unsolvableIn("ip", "ipAddresses", normalizeIpAddress),
  ];
}

function hasSelectorUnknown(solvers: readonly unknown[]): boolean {
  return solvers.some(
    (solver) => !isRecord(solver) || hasUnknown([solver["dnsNames"], solver["dnsZones"]]),
  );
}
