/** Proving names by dns-persist-01. @see draft-ietf-acme-dns-persist */
export {
  accountHashUri,
  type PersistentDnsRecord,
  persistentDnsRecord,
  type PersistentDnsRecordFacts,
} from "./record";
export { type DnsPersistSolverOptions, dnsPersist01Solver, type PersistProof } from "./solver";
