import { defineConfig } from "vitest/config";

/** Tests that run the compiled package: it has to be up to date before they start. */
const ofTheBuild = ["test/pulumi/**/*.test.ts", "test/package/**/*.test.ts"];

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // A test that needs its second try is named at the end of `npm test`: it is broken, and says so, without hiding the rest.
    retry: process.env["CI"] === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: { name: "sources", include: ["test/**/*.test.ts"], exclude: ofTheBuild },
      },
      {
        extends: true,
        test: {
          name: "build",
          include: ofTheBuild,
          globalSetup: "tools/vitest-build.mjs",
          // Each is several runs of the Pulumi CLI or of a compiler; on a busy machine those take their time.
          testTimeout: 240_000,
          hookTimeout: 240_000,
        },
      },
    ],
  },
});
