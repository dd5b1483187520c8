/**
 * `aws.route53.Record` of `@pulumi/aws`: the same type for the same plugin, without a package of many megabytes in this
 * repository. In your program install that package, and write `aws.route53.Record` instead.
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
