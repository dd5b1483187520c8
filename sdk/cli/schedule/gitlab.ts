/** A job of GitLab CI. */
import { command, cronFields, type Schedule } from "./schedule";

export function gitlab(schedule: Schedule): string {
  const { stack } = schedule;
  return `# .gitlab-ci.yml: renews the certificates of the stack ${stack} that are due.
#
# The schedule itself (Build, Pipeline schedules, or once by the command line):
#   glab schedule create --description certificates --ref main --cron "${cronFields(schedule)}" --cronTimeZone UTC
# GitLab mails its owner when the pipeline fails.
#
# Variables (Settings, CI/CD; masked, protected):
#   PULUMI_ACCESS_TOKEN       or the login of your own backend
#   PULUMI_CONFIG_PASSPHRASE  where the stack's secrets are encrypted with a passphrase
# and what the program itself reads: a DNS provider's token, an SSH key.
certificates:
  image:
    name: pulumi/pulumi-nodejs:latest
    entrypoint: [""]
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  resource_group: pulumi-${stack}
  interruptible: false
  timeout: 1 hour
  script:
    - npm ci
    - ${command(schedule)}
    - npx pulumi-acme status --stack ${stack}
`;
}
