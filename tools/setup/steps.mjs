/** What `npm start` needs, and what `npm test` needs. */
import { build } from "./build.mjs";
import { quickstartDebianPackages, testDebianPackages } from "./debian.mjs";
import { exim } from "./exim.mjs";
import { newestNginx } from "./newest-nginx.mjs";
import { node } from "./node.mjs";
import { npmPackages, selfLink } from "./packages.mjs";
import { pebble } from "./pebble.mjs";
import { pulumi, pulumiCompanions } from "./pulumi.mjs";

/** To compile and check the sources. */
export const packageSteps = [node, npmPackages, selfLink];

/** To run programs on the real engine, with certificates of a real CA. */
export const engineSteps = [pebble, pulumi, pulumiCompanions];

/** To run tests against real servers. */
export const toolSteps = [testDebianPackages, exim, ...engineSteps];

/** For tests alone, which run without them as well, with one program less. */
export const bonusSteps = [newestNginx];

/** Everything that the quickstart needs, and nothing else. */
export const quickstartSteps = [...packageSteps, quickstartDebianPackages, ...engineSteps, build];
