export type AcmeIdentifier = { readonly type: "dns" | "ip"; readonly value: string };
