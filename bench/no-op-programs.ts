/** The programs of the no-op bench: alike but for what their resources are. */

/** The account's key comes from the configuration, as a secret; the rest of the account from a file. */
export function certificatesProgram(count: number): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    import * as acme from "pulumi-acme";
    ${ACCOUNT}
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

/** Dynamic resources as one writes them with Pulumi's own class: nothing in, nothing out, nothing done. */
export function nothingProgram(count: number): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    const provider = {
      check: async (olds, news) => ({ inputs: news }),
      diff: async () => ({ changes: false }),
      create: async () => ({ id: "nothing", outs: {} }),
    };
    class Nothing extends pulumi.dynamic.Resource {
      constructor(name) {
        super(provider, name, {});
      }
    }
    for (let index = 0; index < ${String(count)}; index++) new Nothing(\`nothing-\${index}\`);
  `;
}

/**
 * Nothing done either, but with the arguments of a certificate, and a certificate's outputs (in `outputs.json`) as its own,
 * in the same form on the wire as ours: what Pulumi costs for so many properties, whoever has them.
 */
export function propertiesProgram(count: number): string {
  return `
    import * as pulumi from "@pulumi/pulumi";
    ${ACCOUNT}
    ${classText('JSON.parse(require("node:fs").readFileSync("outputs.json", "utf8"))')}
    const declared = Object.fromEntries(
      Object.keys(JSON.parse(readFileSync("outputs.json", "utf8"))).map((name) => [name, undefined]),
    );
    for (let index = 0; index < ${String(count)}; index++) {
      const args = {
        account,
        dnsNames: [\`host-\${index}.bench.example\`],
        solvers: [{ http01: { stateless: true } }],
        preflight: false,
      };
      new Nothing(\`nothing-\${index}\`, { ...declared, ...args }, ["privateKeyPem", "__arguments", "__state"]);
    }
  `;
}

const ACCOUNT = `
    import { readFileSync } from "node:fs";
    const account = {
      ...JSON.parse(readFileSync("account.json", "utf8")),
      accountKeyPem: new pulumi.Config().requireSecret("accountKeyPem"),
    };
`;

/** @param outputs - an expression, evaluated in the provider's process */
function classText(outputs: string): string {
  const handler = `{
    check: async (olds, news) => ({ inputs: news }),
    diff: async () => ({ changes: false }),
    create: async () => ({ id: "nothing", outs: ${outputs} }),
  }`;
  return `
    const handler = ${JSON.stringify(`exports.handler = () => (${handler});\n`)};
    class Nothing extends pulumi.CustomResource {
      constructor(name, properties, additionalSecretOutputs) {
        super("pulumi-nodejs:dynamic/bench:Nothing", name, { ...properties, __provider: handler }, { additionalSecretOutputs });
      }
    }
  `;
}
