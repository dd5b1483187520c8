/** What the engine reports while it works: its event log, read. */
import { readFile } from "node:fs/promises";

/** One step on one resource. */
export interface Step {
  /** `create`, `update`, `same`, `refresh`, `delete`, `create-replacement` … */
  readonly op: string;
  readonly urn: string;
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly failed: boolean;
}

/** A message on a resource's row, or on the stack's. */
export interface Diagnostic {
  readonly severity: string;
  readonly message: string;
  readonly urn: string;
  /** Shown only while the operation runs. */
  readonly ephemeral: boolean;
}

export interface Events {
  readonly changes: Readonly<Record<string, number>>;
  readonly steps: readonly Step[];
  readonly diagnostics: readonly Diagnostic[];
}

interface EngineEvent {
  readonly preludeEvent?: unknown;
  readonly summaryEvent?: { readonly resourceChanges?: Record<string, number> };
  readonly resourcePreEvent?: { readonly metadata: Metadata };
  readonly resOutputsEvent?: { readonly metadata: Metadata };
  readonly resOpFailedEvent?: { readonly metadata: Metadata };
  readonly diagnosticEvent?: {
    readonly urn?: string;
    readonly message: string;
    readonly severity: string;
    readonly ephemeral?: boolean;
  };
}

interface Metadata {
  readonly op: string;
  readonly urn: string;
  readonly type: string;
}

/** Reads the log of one command. Steps and changes are those of its last phase: `up` logs its preview, too. */
export async function readEvents(file: string): Promise<Events> {
  const text = await readFile(file, "utf8").catch(() => "");
  const events = text.split("\n").flatMap(parse);
  const lastPhase = events.slice(
    Math.max(
      0,
      events.findLastIndex((event) => event.preludeEvent),
    ),
  );
  const changes = lastPhase.find((event) => event.summaryEvent)?.summaryEvent?.resourceChanges;
  return {
    changes: changes ?? {},
    steps: lastPhase.flatMap((event) => {
      if (event.resOutputsEvent) return [step(event.resOutputsEvent.metadata, false)];
      if (event.resOpFailedEvent) return [step(event.resOpFailedEvent.metadata, true)];
      return [];
    }),
    diagnostics: events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent === undefined
        ? []
        : [
            {
              severity: diagnosticEvent.severity,
              message: diagnosticEvent.message.trim(),
              urn: diagnosticEvent.urn ?? "",
              ephemeral: diagnosticEvent.ephemeral ?? false,
            },
          ],
    ),
  };
}

function parse(line: string): EngineEvent[] {
  if (line.trim() === "") return [];
  try {
    return [JSON.parse(line) as EngineEvent];
  } catch {
    return []; // the last line of a command that was killed
  }
}

function step(metadata: Metadata, failed: boolean): Step {
  const { op, urn, type } = metadata;
  return { op, urn, type, name: urn.split("::").at(-1) ?? "", failed };
}
