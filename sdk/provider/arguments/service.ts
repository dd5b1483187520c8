/** The services that a deployment, or a configuration, is for. Pure. */
import * as v from "valibot";

import { type DeploymentService, SERVICES } from "../../deploy/services";
import { portsOf, type ServiceArgument } from "../../deploy/services/together";
import { oneOfWords } from "../../schema/builders";
import type { CheckFailure } from "../engine/handler";
import { hasUnknown, isRecord, isUnknown } from "../engine/wire";
import { parseAddress } from "./host-file";

const name = oneOfWords(Object.keys(SERVICES) as DeploymentService[]);

/** One service, or several. */
export const serviceSchema: v.GenericSchema<NonNullable<ServiceArgument>> = v.lazy((input) =>
  Array.isArray(input)
    ? v.pipe(
        v.array(name),
        v.check((list) => list.length > 0, "must not be empty"),
      )
    : name,
);

/** Whether `verify`, or the service, says a port, as far as they are known. */
export function addressProblems(service: ServiceArgument, verify: unknown): CheckFailure[] {
  if (!isRecord(verify) || hasUnknown(service) || portsOf(service).length > 0) return [];
  const { address } = verify;
  const port = typeof address === "string" ? parseAddress(address)?.port : undefined;
  if (isUnknown(address) || port !== undefined) return [];
  const reason = "must be given with a port, because the service says none";
  return [{ path: "verify.address", reason }];
}
