/** What an `AcmeDnsRegistration` keeps in the state. The names are frozen. */
import type { RegistrationArguments } from "./arguments";

export interface RegistrationState {
  /** Secret. What the solver `acmeDns` takes. */
  readonly credentials: {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    readonly subdomain: string;
  };
  readonly record: {
    readonly name: string;
    readonly type: "CNAME";
    /** The subdomain with the server's domain. */
    readonly value: string;
  };
  /** What is kept of the arguments that led to this state. */
  readonly __arguments: Partial<RegistrationArguments>;
}
