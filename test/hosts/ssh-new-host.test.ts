import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { type OpenOptions, withHost } from "../../sdk/hosts";
import { temporaryDirectory } from "../support/process/temp";
import { describeWithTools } from "../support/process/tools";
import { startSshd } from "../support/ssh/sshd";

describeWithTools(
  ["sshd", "ssh", "ssh-agent", "ssh-keygen"],
  "a machine that has just been made, whose key comes after sshd",
  () => {
    it.each(["ssh2", "openssh"] as const)(
      "lets a creation in when it is there, and refuses others at once, by the transport %s",
      async (transport) => {
        await using folder = await temporaryDirectory("keys-");
        const file = join(folder.path, "authorized_keys");
        await writeFile(file, "");
        const sshd = await startSshd({ config: [`AuthorizedKeysFile ${file}`] });
        const said: string[] = [];
        const logIn = (options: OpenOptions): Promise<number> =>
          withHost(
            { ...sshd.connection, transport },
            async (host) => (await host.run("true")).code,
            { ...options, progress: (message) => said.push(message) },
          );
        try {
          await expect(logIn({})).rejects.toMatchObject({ code: "authentication" });
          // The refusal is shared for some seconds.
          await expect(logIn({})).rejects.toMatchObject({ code: "authentication" });
          const created = logIn({ newHost: true });
          setTimeout(() => void writeFile(file, `${sshd.publicKey}\n`), 1500);
          expect(await created).toBe(0);
          expect(sshd.log().match(/Failed publickey/g)).toHaveLength(1);
          expect(said).toEqual([expect.stringMatching(/was refused.*again in 5 s$/)]);
        } finally {
          await sshd.stop();
        }
      },
    );
  },
);
