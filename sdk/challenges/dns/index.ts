/** Asking DNS as a CA does: delegation, authoritative servers, propagation, CAA. Layer 3. */
export { checkCaa, type CaaCheck, type CaaName } from "./caa";
export type { Propagation } from "./propagation";
