/**
 * Stands in for `aws.route53.Record` of `@pulumi/aws`, which is too large to install for this example: same resource type,
 * same plugin. In your program install that package and use its class.
 */
import * as pulumi from "@pulumi/pulumi";

export interface RecordArgs {
  zoneId: pulumi.Input<string>;
  name: pulumi.Input<string>;
  type: pulumi.Input<string>;
  ttl: pulumi.Input<number>;
  records: pulumi.Input<pulumi.Input<string>[]>;
}

export class Record extends pulumi.CustomResource {
  constructor(name: string, args: RecordArgs, opts?: pulumi.CustomResourceOptions) {
    super("aws:route53/record:Record", name, { ...args }, opts);
  }
}
