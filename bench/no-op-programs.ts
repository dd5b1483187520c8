/** The two programs of the no-op bench: alike but for what their resources are. Bench. */

/** The account's key comes from the configuration, as a secret; the rest of the account from a file. */
export function certificatesProgram(count: number): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as acme from "pulumi-acme";
    import { readFileSync } from "node:fs";

    const account = {
      ...JSON.parse(readFileSync("account.json", "utf8")),
      accountKeyPem: new pulumi.Config().requireSecret("accountKeyPem"),
    };
    for (let index = 0; index < ${String(count)}; index++) {
      new acme.AcmeCertificate(\`certificate-\${index}\`, {
        account,
        dnsNames: [\`host-\${index}.bench.example\`],
        solvers: [{ http01: { stateless: true } }],
        preflight: false,
      });
    }
  `;
}

/** The same form on the wire as ours: a constant text that the dynamic provider evaluates. */
export function nothingProgram(count: number): string {
  const handler = `{
    check: async (olds, news) => ({ inputs: news }),
    diff: async () => ({ changes: false }),
    create: async () => ({ id: "nothing", outs: {} }),
  }`;
  return `
    import * as pulumi from "@pulumi/pulumi";

    class Nothing extends pulumi.CustomResource {
      constructor(name) {
        super("pulumi-nodejs:dynamic/bench:Nothing", name, { __provider: ${JSON.stringify(`exports.handler = () => (${handler});\n`)} });
      }
    }
    for (let index = 0; index < ${String(count)}; index++) new Nothing(\`nothing-\${index}\`);
  `;
}
