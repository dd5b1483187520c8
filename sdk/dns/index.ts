/** Asks DNS as a CA does: delegation, authoritative servers, CAA. */
export { checkCaa, type CaaCheck, type CaaName } from "./caa";
