/** The services that a deployment, or a configuration, is for. Pure. */
import * as v from "valibot";

import { type DeploymentService, SERVICES } from "../../deploy/services";
import type { ServiceArgument } from "../../deploy/services/together";
import { oneOfWords } from "../../schema/builders";

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
