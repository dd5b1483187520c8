import { PassThrough } from "node:stream";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { gather } from "../../../../sdk/hosts/command/running";
import { endsAsItSays } from "../../../../sdk/hosts/openssh/end-marker";

/** A command whose `ssh` never ends by itself. */
function held(): {
  stderr: PassThrough;
  stdout: PassThrough;
  kills: () => number;
  told: ReturnType<typeof endsAsItSays>;
} {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  let kills = 0;
  const kill = (): void => {
    kills += 1;
  };
  const exited = new Promise<number>(() => undefined);
  const told = endsAsItSays({ stdin, stdout, stderr, exited, kill });
  return { stderr, stdout, kills: () => kills, told };
}

describe("a command that says its end", () => {
  it("has ended with that code, in whatever pieces it comes, and the words are no output", async () => {
    const text = "pulumi-acme is\npulumi-acme ends soon\nsorry pulumi-acme ends 17\n";
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(text.length), { maxLength: 8 }), async (cuts) => {
        const { stderr, told } = held();
        const said = gather(told.stderr, 1000);
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        places.slice(1).forEach((end, index) => stderr.write(text.slice(places[index], end)));
        expect(await told.exited).toBe(17);
        await new Promise((resolve) => setImmediate(resolve));
        expect(said.text()).toBe("pulumi-acme is\npulumi-acme ends soon\nsorry ");
      }),
      { numRuns: 50 },
    );
  });

  it("keeps back nothing that is asked", async () => {
    const { stderr, told } = held();
    const heard = new Promise((resolve) => told.stderr.once("data", resolve));
    stderr.write("[password]");
    expect(String(await heard)).toBe("[password]");
  });

  it("takes its ssh along once nobody reads it any more", async () => {
    const { stderr, stdout, kills, told } = held();
    told.stderr.resume();
    stderr.write("pulumi-acme ends 0\n");
    await told.exited;
    expect(kills()).toBe(0);
    stdout.destroy();
    await new Promise((resolve) => stdout.once("close", resolve));
    expect(kills()).toBe(1);
  });
});
