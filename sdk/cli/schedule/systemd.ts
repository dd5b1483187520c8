/** Units of systemd: a service, its timer, and the alarm. */
import { command, type Schedule } from "./schedule";

export function systemd(schedule: Schedule): string {
  const { stack, directory, minute, hours } = schedule;
  const times = hours.map((hour) => twoDigits(hour)).join(",");
  const name = "pulumi-acme";
  return `# Renews the certificates of the stack ${stack} that are due. Three files:
# write each below its name, then \`systemctl daemon-reload\` and \`systemctl enable --now ${name}.timer\`.

# /etc/systemd/system/${name}.service
[Unit]
Description=Renew the certificates of the stack ${stack}
Wants=network-online.target
After=network-online.target
OnFailure=${name}-alarm.service

[Service]
Type=oneshot
# The user that owns the program and its SSH key.
User=pulumi
WorkingDirectory=${directory.replaceAll("%", "%%")}
# Mode 0600: PULUMI_ACCESS_TOKEN or PULUMI_BACKEND_URL, PULUMI_CONFIG_PASSPHRASE, PATH with node and pulumi,
# and what the program itself reads.
EnvironmentFile=/etc/${name}.env
ExecStart=/bin/sh -c 'exec ${command(schedule)}'
ExecStart=/bin/sh -c 'exec npx pulumi-acme status --stack ${stack}'
TimeoutStartSec=1h
NoNewPrivileges=yes
PrivateTmp=yes

# /etc/systemd/system/${name}.timer
[Unit]
Description=Renew the certificates of the stack ${stack}, ${String(hours.length)} times a day

[Timer]
OnCalendar=*-*-* ${times}:${twoDigits(minute)}:00 UTC
RandomizedDelaySec=15min
# After the machine was off.
Persistent=yes

[Install]
WantedBy=timers.target

# /etc/systemd/system/${name}-alarm.service
[Unit]
Description=Tell that the certificates of the stack ${stack} need somebody

[Service]
Type=oneshot
# In its place, what wakes you.
ExecStart=/usr/bin/logger --priority daemon.alert "certificates of ${stack}: see journalctl -u ${name}"
`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
