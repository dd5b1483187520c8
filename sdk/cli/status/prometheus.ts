/**
 * The status as metrics: a file for the textfile collector of Prometheus' node exporter. Pure.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
import { type CertificateStatus, STATES } from "./state";

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  /** `undefined`: not known, and left out. */
  readonly value: number | undefined;
}

/** @param now - epoch milliseconds */
export function metricsOf(certificates: readonly CertificateStatus[], now: number): string {
  const each = (value: (certificate: CertificateStatus) => number | undefined): Sample[] =>
    certificates.map((certificate) => ({
      labels: labelsOf(certificate),
      value: value(certificate),
    }));
  return [
    gauge(
      "certificate_not_after_timestamp_seconds",
      "When the certificate expires.",
      each(({ notAfter }) => secondsOf(notAfter)),
    ),
    gauge(
      "certificate_not_before_timestamp_seconds",
      "Since when the certificate is valid.",
      each(({ notBefore }) => secondsOf(notBefore)),
    ),
    gauge(
      "certificate_renew_at_timestamp_seconds",
      "From when on `pulumi up` renews the certificate.",
      each(({ renewAt }) => secondsOf(renewAt)),
    ),
    gauge(
      "certificate_last_failure_timestamp_seconds",
      "When the renewal failed; absent where the last one did not fail.",
      each(({ lastFailure }) => secondsOf(lastFailure?.at)),
    ),
    gauge("certificate_state", "1 for the state that the certificate is in.", [
      ...certificates.flatMap((certificate) =>
        STATES.map((state) => ({
          labels: { ...labelsOf(certificate), state },
          value: certificate.state === state ? 1 : 0,
        })),
      ),
    ]),
    gauge(
      "deployment_current",
      "Whether the host has the stack's certificate.",
      certificates.flatMap((certificate) =>
        certificate.deployments.map(({ urn, host, current }) => ({
          labels: { ...labelsOf(certificate), deployment: nameIn(urn), host },
          value: current ? 1 : 0,
        })),
      ),
    ),
    gauge("status_timestamp_seconds", "When this was written.", [
      { labels: {}, value: Math.floor(now / 1000) },
    ]),
  ].join("");
}

function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const known = samples.filter(({ value }) => value !== undefined);
  if (known.length === 0) return "";
  const metric = `pulumi_acme_${name}`;
  const lines = known.map(({ labels, value }) => `${metric}${labelText(labels)} ${String(value)}`);
  return [`# HELP ${metric} ${help}`, `# TYPE ${metric} gauge`, ...lines, ""].join("\n");
}

function labelsOf({ stack, urn, name, dnsNames, ipAddresses }: CertificateStatus) {
  const project = urn.split("::")[1] ?? "";
  return { stack, project, name, subject: dnsNames[0] ?? ipAddresses[0] ?? "" };
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const texts = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return texts.length === 0 ? "" : `{${texts.join(",")}}`;
}

function escaped(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function secondsOf(time: string | undefined): number | undefined {
  const milliseconds = time === undefined ? Number.NaN : Date.parse(time);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

function nameIn(urn: string): string {
  return urn.split("::").slice(3).join("::");
}
