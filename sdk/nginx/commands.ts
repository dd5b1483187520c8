/** Commands for an nginx on a host. Pure. */

export const DEFAULT_TEST = "nginx -t";

const ACTIVE = "systemctl is-active --quiet nginx 2>/dev/null";

/** Where systemd runs nginx it must know of the reload; else nginx is told by itself. */
export const RELOAD_RUNNING = `if ${ACTIVE}; then systemctl reload nginx; else nginx -s reload; fi`;

/**
 * As {@link RELOAD_RUNNING}; and where systemd should run nginx and it does not run, it is started: at boot it may have lacked its
 * certificate. Sites and deployments share one run of a reload where its text is the same: nobody should invent another one for nginx.
 */
export const DEFAULT_RELOAD = `if ${ACTIVE}; then systemctl reload nginx; else nginx -s reload || { systemctl is-enabled --quiet nginx 2>/dev/null && systemctl start nginx; }; fi`;

/** No simple command is longer. */
const MAX_COMMAND = 1000;

/**
 * `test` with another option in place of its `-t`: the same nginx (`docker exec web nginx -t`,
 * `/opt/nginx/sbin/nginx -t -c …`) asked something else. `undefined` for a test that is not such a command.
 */
export function askNginx(test: string, option: "-v" | "-T" | "-V"): string | undefined {
  if (test.length > MAX_COMMAND) return undefined;
  // One simple command: of anything more, changing an option would run the rest as well.
  if (!/^[\w./@:=+,'" -]*\bnginx[\w.-]*['"]?( [\w./@:=+,'" -]*)?$/.test(test)) return undefined;
  const asked = test.replace(/(?<=\s)-t(?=\s|$)/, option);
  return asked === test ? undefined : asked;
}
