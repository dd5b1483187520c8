/** What the project has promised, and whether this run kept it. */

export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

export function describeTargets(targets: readonly Target[]): string {
  return targets
    .map(({ what, wanted, measured, met }) => {
      const verdict = met ? "met    " : "NOT met";
      return `${verdict}  ${what}: ${measured} (wanted: ${wanted})`;
    })
    .join("\n");
}
