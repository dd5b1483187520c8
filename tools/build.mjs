/** `npm run build`: compiles `sdk/` into `dist/` where that is not up to date. */
import { stopOnInterrupt } from "./commands.mjs";
import { build } from "./setup/build.mjs";
import { setUp } from "./setup/setup.mjs";

stopOnInterrupt();
try {
  await setUp([build]);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
