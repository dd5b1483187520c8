/** When a command has ended that `ssh` runs: at its own word, and not when nobody holds its output any more. */
import { type Readable, Transform } from "node:stream";

import { END_MARKER } from "../command/login-shell";
import type { RunningCommand } from "../command/running";

const MARKER = new RegExp(`${END_MARKER}([0-9]+)\\n`);

/**
 * `running` as it is where the command says its end: `exited` tells the exit code at once. `ssh` itself waits for the
 * channel, which a daemon of the command's, or of a login script, may hold for ever; it is ended with its streams.
 */
export function endsAsItSays(running: RunningCommand): RunningCommand {
  const { stderr, said } = withoutEndMarker(running.stderr);
  let isOver = false;
  const over = (): void => {
    isOver = true;
  };
  running.exited.then(over, over);
  void said.then(() => {
    running.stdout.once("close", () => {
      if (!isOver) running.kill();
    });
  });
  const exited = Promise.race([said, running.exited]);
  exited.catch(() => undefined);
  return { ...running, stderr, exited };
}

function withoutEndMarker(from: Readable): { stderr: Readable; said: Promise<number> } {
  let tell: (code: number) => void = () => undefined;
  const said = new Promise<number>((resolve) => (tell = resolve));
  let held = "";
  const stderr = new Transform({
    transform: (chunk: Buffer, _encoding, done) => {
      // Bytes and characters are the same in latin1.
      const text = held + chunk.toString("latin1");
      const match = MARKER.exec(text);
      const rest = match === null ? text : text.replace(MARKER, "");
      const length = match === null ? beginningOfMarker(text) : 0;
      held = rest.slice(rest.length - length);
      if (match !== null) tell(Number(match[1]));
      done(null, Buffer.from(rest.slice(0, rest.length - length), "latin1"));
    },
    flush: (done) => {
      done(null, Buffer.from(held, "latin1"));
    },
  });
  from.on("error", () => stderr.end()).pipe(stderr);
  return { stderr, said };
}

/** How many characters at the end of `text` may be the beginning of the marker. */
function beginningOfMarker(text: string): number {
  const digits = /[0-9]*$/.exec(text.slice(-4))?.[0].length ?? 0;
  if (text.slice(0, text.length - digits).endsWith(END_MARKER)) return END_MARKER.length + digits;
  for (let length = Math.min(END_MARKER.length, text.length); length > 0; length--)
    if (text.endsWith(END_MARKER.slice(0, length))) return length;
  return 0;
}
