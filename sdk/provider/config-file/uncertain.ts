/** What is remembered of a creation that failed. */
import { isUncertain } from "../../deploy";
import { messageOf } from "../../util/errors";
import { PartialFailure } from "../engine/handler";

/** The error to throw. Only what may have reached the host is remembered: else a destroy would need a host that never was. */
export function failedCreation(error: unknown, achieved: object): unknown {
  return isUncertain(error) ? partialFailure(error, achieved) : error;
}

export function partialFailure(cause: unknown, achieved: object): PartialFailure {
  return new PartialFailure(messageOf(cause), achieved, { cause });
}
