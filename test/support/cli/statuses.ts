/** What an export tells of its certificates, the most urgent first. */
import { certificatesIn } from "../../../sdk/cli/status/certificates";
import { readExport } from "../../../sdk/cli/status/stack-export";
import {
  byUrgency,
  type CertificateStatus,
  type Limits,
  type Served,
  statusOf,
} from "../../../sdk/cli/status/state";
import { issuedAt } from "./export";

const DAY = 86_400_000;

interface Circumstances {
  readonly now?: number;
  readonly limits?: Limits;
  readonly served?: Served;
}

export function statusesOf(
  text: string,
  { now = issuedAt + DAY, limits = {}, served }: Circumstances = {},
): CertificateStatus[] {
  return certificatesIn(readExport(text, "the export"))
    .map((certificate) => ({
      ...certificate,
      deployments: certificate.deployments.map((deployment) => ({ ...deployment, served })),
    }))
    .map((certificate) => statusOf(certificate, limits, now))
    .sort(byUrgency);
}
