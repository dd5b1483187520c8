/** A schedule of Pulumi Deployments. */
import { cronFields, type Schedule } from "./schedule";

export function pulumiDeployments(schedule: Schedule): string {
  return `# Pulumi Deployments: renews the certificates of the stack ${schedule.stack} that are due.
#
# Once: the stack needs deployment settings (where the program's source is; secrets as environment variables there).
# An update of Deployments does not refresh by itself. In Pulumi.yaml:
#   options:
#     refresh: always
# Alarm: in the organization's settings, a webhook for failed deployments.
pulumi stack schedule new --yes --kind raw --operation update --cron "${cronFields(schedule)}" --stack ${schedule.stack}
`;
}
