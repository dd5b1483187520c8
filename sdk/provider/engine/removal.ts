/** Removing something from a host that may be gone. */
import { enumerate } from "../../util/text";
import { HostError, type HostErrorCode } from "../../hosts";

const VARIABLE = "PULUMI_ACME_FORGET_UNREACHABLE";

export interface Removal {
  /** What a destroy would remove: "deployment". */
  readonly what: string;
  /** The argument: a host that cannot be reached is gone for good. */
  readonly forgetUnreachable: boolean | undefined;
  /** Whether its replacement is done, on another machine. */
  readonly moved: boolean;
  /** Paths of what may lie on the host for ever. */
  readonly leftovers: readonly string[];
  readonly warn: (message: string) => void;
}

/**
 * Nobody answers there any more, or another machine does. A machine that refuses the login is the one that was meant, and holds
 * the files: only the user can say that nobody shall care.
 */
const GONE: ReadonlySet<HostErrorCode> = new Set(["unreachable", "timeout", "host-key"]);

/**
 * Runs `work`. A host that cannot be reached is a warning where the replacement is done on another machine, or where the user said so: by the
 * argument, or by the environment for what is only left to be deleted, whose arguments nobody can change.
 *
 * @throws what `work` throws; where the host could not be reached, with what can be done about it
 */
export async function removing(removal: Removal, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof HostError) || error.step !== "connect") throw error;
    const { what, forgetUnreachable, moved, leftovers, warn } = removal;
    const told = forgetUnreachable === true || process.env[VARIABLE] === "true";
    if (!told && !(moved && GONE.has(error.code))) throw refused(error, what);
    const why = told ? "as was asked for" : "because its replacement on another machine is done";
    warn(
      `${error.message}; the ${what} is forgotten, ${why}. If that host still exists, there may lie: ${enumerate(leftovers)}`,
    );
  }
}

/* Without the error as its cause, whose words would come twice. */
function refused(error: HostError, what: string): HostError {
  const head = `${error.host}: ${error.step}: `;
  const said = error.message.slice(head.length);
  const advice =
    `if the host is gone for good, run \`pulumi\` with ${VARIABLE}=true in the environment (then what is only pending deletion is forgotten, too), ` +
    `or set forgetUnreachable: true, and run \`pulumi up\` before the ${what} is removed`;
  const { host, step } = error;
  return new HostError(error.code, {
    host,
    step,
    detail: `${said}; nothing was removed: ${advice}`,
  });
}
