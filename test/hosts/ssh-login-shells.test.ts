/**
 * The first shell to see a command is the user's login shell, which need not be one of sh's family.
 *
 * @see jeanp413/open-remote-ssh#100, ansible/ansible#13942
 */
import { readFile } from "node:fs/promises";
import { afterEach, expect, it } from "vitest";

import { webroot } from "../../sdk/challenges/http-01";
import { applyPlan } from "../../sdk/deploy";
import { type Connection, withHost } from "../../sdk/hosts";
import { context, proofOf } from "../support/ca/proofs";
import { type Tool, toolPath } from "../support/process/tool-paths";
import { describeUnless, describeWithTools } from "../support/process/tools";
import { listener, planIn } from "../support/ssh/deploy-host";
import { startSshd } from "../support/ssh/sshd";
import {
  cannotMakeUsers,
  createSystemUser,
  type SystemUserOptions,
} from "../support/ssh/system-user";

const SHELLS = ["bash", "mksh", "fish", "tcsh"] as const satisfies readonly Tool[];
const TRANSPORTS = ["ssh2", "openssh"] as const;
const PASSWORD = "correct horse 'battery' $taple!";
/** What one shell or the other reads something into. */
const WORDS = 'a\'b "c" $HOME `id` !! \\ \\n {x,y} ~ * # %s é\nnext line';

describeUnless(cannotMakeUsers(), "on a host whose user has the login shell", () => {
  const cleanUps: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function login(
    options: SystemUserOptions,
  ): Promise<{ home: string; connection: Connection }> {
    const user = await createSystemUser(options);
    cleanUps.push(() => user.remove());
    const sshd = await startSshd({ user: user.name });
    cleanUps.push(() => sshd.stop());
    return { home: user.home, connection: sshd.connection };
  }

  for (const tool of SHELLS)
    for (const transport of TRANSPORTS)
      describeWithTools([tool], `${tool}, by ${transport}`, () => {
        const shell = (): string => toolPath(tool);

        it("commands get their text, their input and their exit code as anywhere", async () => {
          const { connection } = await login({ shell: shell() });
          await withHost({ ...connection, transport }, async (host) => {
            const command = `cat; cat <<'END'\n${WORDS}\nEND\necho sorry! >&2; exit 7`;
            expect(await host.run(command, { stdin: "in!\n" })).toEqual({
              code: 7,
              stdout: `in!\n${WORDS}\n`,
              stderr: "sorry!\n",
            });
          });
        });

        it("sudo gets its password, and the command its input", async () => {
          const options = { password: PASSWORD, sudo: "with-password" } as const;
          const { connection } = await login({ shell: shell(), ...options });
          const elevated = { ...connection, transport, sudo: true, sudoPassword: PASSWORD };
          const result = await withHost(elevated, (host) =>
            host.run("id -u; cat; echo 'no!'", { stdin: "input\n" }),
          );
          expect(result).toEqual({ code: 0, stdout: "0\ninput\nno!\n", stderr: "" });
        });

        it("a command that is given up is stopped there", async () => {
          const { connection } = await login({ shell: shell() });
          await withHost({ ...connection, transport }, async (host) => {
            const mark = "sleep 31.41";
            await expect(host.run(mark, { timeoutMs: 1000 })).rejects.toThrow(/did not end within/);
            const left = await host.run("ps -u \"$(id -u)\" -o args | grep '[s]leep 31.41'");
            expect(left.stdout).toBe("");
          });
        });

        it("certificates are deployed, and challenges written", async () => {
          const { connection, home } = await login({ shell: shell() });
          const target = { ...connection, transport };
          await withHost(target, (host) => applyPlan(host, planIn(home, "1"), listener()));
          expect(await readFile(`${home}/ssl/site/privkey.pem`, "utf8")).toBe("key 1\n");
          const solver = webroot({ path: home, targets: [target] });
          const presentation = await solver.present([proofOf("a.example")], context());
          await presentation.cleanUp();
        });
      });
});
