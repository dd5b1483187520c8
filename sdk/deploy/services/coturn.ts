import { CHAIN_AND_KEY } from "./preset";
import type { Preset } from "./preset";

export const coturn: Preset = { files: CHAIN_AND_KEY };
