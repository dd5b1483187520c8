/** `npm run bench -- loading`: what \`require("pulumi-acme")\` adds to a program that has loaded \`@pulumi/pulumi\`. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { repository } from "./package";
import { fixed, maximum, median, table, type Say, type Section } from "./report";

const RUNS = 21;

/** By the package's name, as in a user's program: nothing but the paths of Node.js leads to it. */
const program = `
  const begin = performance.now();
  require("@pulumi/pulumi");
  const between = performance.now();
  require("pulumi-acme");
  const end = performance.now();
  console.log(JSON.stringify({ pulumi: between - begin, ours: end - between }));
`;

export async function loading(say: Say): Promise<Section> {
  say(`${String(RUNS)} processes load the package`);
  const runs: { pulumi: number; ours: number }[] = [];
  // The first one fills the system's file cache.
  for (let run = 0; run <= RUNS; run++) {
    const { stdout } = await promisify(execFile)(process.execPath, ["--eval", program], {
      cwd: repository,
    });
    if (run > 0) runs.push(JSON.parse(stdout) as (typeof runs)[number]);
  }
  const ours = runs.map((run) => run.ours);
  const row = (title: string, values: readonly number[]): string[] => [
    title,
    String(values.length),
    ...[median(values), Math.min(...values), maximum(values)].map((value) => fixed(value, 1)),
  ];
  return {
    title: 'require("pulumi-acme")',
    text: table(
      ["milliseconds, a new process each", "runs", "median", "min", "max"],
      [
        row(
          "@pulumi/pulumi",
          runs.map(({ pulumi }) => pulumi),
        ),
        row("pulumi-acme, after it", ours),
      ],
    ),
    targets: [
      {
        what: 'require("pulumi-acme") after @pulumi/pulumi (median)',
        wanted: "below 15 ms",
        measured: `${fixed(median(ours), 1)} ms`,
        met: median(ours) < 15,
      },
    ],
  };
}
