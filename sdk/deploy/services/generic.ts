import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

export const generic: Preset = { files: CHAIN_AND_KEY };
