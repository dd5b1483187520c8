/** A host that is gone: when what lay there is forgotten, and what the message says where it is not. */
import { afterEach, describe, expect, it, vi } from "vitest";

import { HostError, type HostErrorCode } from "../../../../sdk/hosts";
import { type Removal, removing } from "../../../../sdk/provider/engine/removal";
import { messageOf } from "../../../../sdk/util/errors";

const VARIABLE = "PULUMI_ACME_FORGET_UNREACHABLE";
const detail = "connection refused: nothing listens on that port (yet)";

function failing(code: HostErrorCode, step = "connect"): () => Promise<void> {
  const cause = new HostError(code, { host: "root@web-1:22", step, detail });
  const at = { host: "root@web-1:22", step, detail: `${detail} (tried 2 times in 1 s)` };
  return () => Promise.reject(new HostError(code, at, { cause }));
}

async function remove(
  work: () => Promise<void>,
  removal: Partial<Removal> = {},
): Promise<{ failure: string | undefined; warnings: string[] }> {
  const warnings: string[] = [];
  const warn = (message: string): void => void warnings.push(message);
  const what = "deployment";
  const leftovers = ["/etc/ssl/web/fullchain.pem", "/etc/ssl/web/privkey.pem"];
  const all = { what, leftovers, warn, forgetUnreachable: undefined, moved: false, ...removal };
  const failure = await removing(all, work).then(() => undefined, messageOf);
  return { failure, warnings };
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a host that cannot be reached when something has to be removed from it", () => {
  it("is an error that names the argument and the variable, and says once what the network said", async () => {
    const { failure = "", warnings } = await remove(failing("unreachable"));
    expect(failure).toMatch(/^root@web-1:22: connect: connection refused/);
    expect(failure).toContain("nothing was removed");
    expect(failure).toContain("forgetUnreachable: true");
    expect(failure).toContain(`${VARIABLE}=true`);
    expect(failure).not.toContain("state delete");
    expect(failure.match(/connection refused/g)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  const codes: HostErrorCode[] = [
    "unreachable",
    "timeout",
    "host-key",
    "authentication",
    "protocol",
  ];

  it.each(codes)(
    "is a warning that says what may lie there, by the argument (%s)",
    async (code) => {
      const { failure, warnings } = await remove(failing(code), { forgetUnreachable: true });
      expect(failure).toBeUndefined();
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toContain(detail);
      expect(warnings[0]).toContain("/etc/ssl/web/fullchain.pem and /etc/ssl/web/privkey.pem");
    },
  );

  it.each(codes)("is a warning by the environment (%s)", async (code) => {
    vi.stubEnv(VARIABLE, "true");
    const { failure, warnings } = await remove(failing(code));
    expect([failure, warnings.length]).toEqual([undefined, 1]);
  });

  it("is an error where the environment says anything else than true", async () => {
    vi.stubEnv(VARIABLE, "false");
    expect((await remove(failing("timeout"))).failure).toContain("nothing was removed");
  });

  it.each(["unreachable", "timeout", "host-key"] as const)(
    "is a warning where the replacement on another machine is done (%s)",
    async (code) => {
      const { failure, warnings } = await remove(failing(code), { moved: true });
      expect(failure).toBeUndefined();
      expect(warnings[0]).toContain("its replacement on another machine is done");
    },
  );

  it("that refuses the login is there, and holds the files: an error, also for a replacement", async () => {
    const { failure } = await remove(failing("authentication"), { moved: true });
    expect(failure).toContain("nothing was removed");
  });
});

it.each(["write /etc/ssl/web/privkey.pem", "run a command", "sudo"])(
  "what fails on the host itself is never forgotten (%s)",
  async (step) => {
    vi.stubEnv(VARIABLE, "true");
    for (const code of ["command", "permission", "sudo", "connection-lost", "timeout"] as const) {
      const removal = { forgetUnreachable: true, moved: true };
      const { failure, warnings } = await remove(failing(code, step), removal);
      expect(failure).toContain(`root@web-1:22: ${step}: `);
      expect(warnings).toEqual([]);
    }
  },
);
