/** Lines of a crontab. */
import { shellQuote } from "../../hosts/command/shell";
import { command, cronFields, type Schedule } from "./schedule";

export function cron(schedule: Schedule): string {
  const { stack, directory } = schedule;
  // In a crontab, % is a line break.
  const place = shellQuote(directory).replaceAll("%", "\\%");
  const run = (words: string): string => `cd ${place} && . ~/.pulumi-acme.env && chronic ${words}`;
  const { minute, hours } = schedule;
  return `# crontab: renews the certificates of the stack ${stack} that are due. Times are the machine's.
#
# ~/.pulumi-acme.env, mode 0600, exports the login, PULUMI_CONFIG_PASSPHRASE and what the program itself reads.
# flock: no two runs at once. chronic (Debian's moreutils) is silent unless the command fails; cron mails what is said.
MAILTO=root
PATH=/usr/local/bin:/usr/bin:/bin
${cronFields(schedule)} ${run(`flock --wait 3600 . ${command(schedule)}`)}
${cronFields({ ...schedule, minute: (minute + 30) % 60, hours })} ${run(`npx pulumi-acme status --stack ${stack}`)}
`;
}
