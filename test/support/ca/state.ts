/** What the states of certificates and orders hold, for tests. */
import type { Properties } from "../../../sdk/provider/engine/handler";
import { describeCertificate } from "../../../sdk/x509/certificate";
import { splitCertificates } from "../../../sdk/x509/pem";

/** What the stored chain says. */
export function factsOf(outs: Properties) {
  const chain = outs["fullchainPem"] as string;
  const [certificatePem = "", ...issuers] = splitCertificates(chain);
  return { ...describeCertificate(chain), certificatePem, issuerPem: issuers.join("") };
}

/** What is private in a state. */
export function privateOf(outs: Properties | undefined): Properties {
  return (outs?.["__state"] ?? {}) as Properties;
}
