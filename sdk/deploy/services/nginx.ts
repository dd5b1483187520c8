import { DEFAULT_RELOAD, DEFAULT_TEST } from "../../nginx/commands";
import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

export const nginx: Preset = {
  files: CHAIN_AND_KEY,
  test: DEFAULT_TEST,
  reload: DEFAULT_RELOAD,
  port: 443,
  installed: { program: "nginx", package: "nginx" },
};
