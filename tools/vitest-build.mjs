/** Before tests of the compiled package: compiles it where it is not up to date, and links it under its own name. */
import { build } from "./setup/build.mjs";
import { selfLink } from "./setup/packages.mjs";
import { setUp } from "./setup/setup.mjs";

export default async function setup() {
  await setUp([selfLink, build]);
}
