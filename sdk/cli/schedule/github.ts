/** A workflow of GitHub Actions. */
import { command, cronFields, type Schedule } from "./schedule";

export function github(schedule: Schedule): string {
  const { stack } = schedule;
  return `# .github/workflows/certificates.yml: renews the certificates of the stack ${stack} that are due.
#
# Secrets (Settings, Secrets and variables, Actions):
#   PULUMI_ACCESS_TOKEN       or the login of your own backend
#   PULUMI_CONFIG_PASSPHRASE  where the stack's secrets are encrypted with a passphrase
# and what the program itself reads: a DNS provider's token, an SSH key.
#
# A failed run opens an issue. GitHub stops schedules of public repositories without activity for 60 days: let
# something else watch the certificates, too (\`pulumi-acme status --prometheus\`).
name: certificates
on:
  schedule:
    - cron: "${cronFields(schedule)}" # UTC
  workflow_dispatch:
permissions:
  contents: read
  issues: write
concurrency:
  group: pulumi-${stack}
  cancel-in-progress: false
jobs:
  renew:
    runs-on: ubuntu-latest
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@v4
        with:
          persist-credentials: false
      - uses: actions/setup-node@v4
        with:
          node-version: 22
      - uses: pulumi/setup-pulumi@v2
      - run: npm ci
      - name: Renew
        run: ${command(schedule)}
        env:
          PULUMI_ACCESS_TOKEN: \${{ secrets.PULUMI_ACCESS_TOKEN }}
          PULUMI_CONFIG_PASSPHRASE: \${{ secrets.PULUMI_CONFIG_PASSPHRASE }}
      - name: Look
        run: npx pulumi-acme status --stack ${stack}
        env:
          PULUMI_ACCESS_TOKEN: \${{ secrets.PULUMI_ACCESS_TOKEN }}
          PULUMI_CONFIG_PASSPHRASE: \${{ secrets.PULUMI_CONFIG_PASSPHRASE }}
      - name: Alarm
        if: failure()
        run: gh issue create --title "Certificates of ${stack}" --body "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
        env:
          GH_REPO: \${{ github.repository }}
          GH_TOKEN: \${{ github.token }}
`;
}
