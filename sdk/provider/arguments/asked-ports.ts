/** Where a resource's services are asked what they serve. Pure. */
import { type Place, vantageOf } from "../../deploy/reach";
import { portsAt, type ServiceArgument } from "../../deploy/services/together";
import type { StartTls } from "../../deploy/starttls";
import type { Target } from "../../hosts/host";
import { parseAddress } from "./host-file";

export interface AskedPort extends Place {
  /** Whose port it is, where that is known. */
  readonly service: string | undefined;
  readonly startTls: StartTls | undefined;
}

interface Asking {
  readonly connection: Target;
  readonly service?: ServiceArgument;
  readonly verify?:
    { readonly address?: string; readonly startTls?: StartTls | "none" } | "report" | false;
}

/** The address that is given, else the port of each service. */
export function askedPorts({ connection, service, verify }: Asking): AskedPort[] {
  if (verify === false) return [];
  const { address, startTls } = typeof verify === "object" ? verify : {};
  const given = address === undefined ? undefined : parseAddress(address);
  const vantage = vantageOf(connection, given?.host);
  return portsAt(service, given?.port).map((usual) => ({
    ...vantage,
    service: usual.service,
    port: usual.port,
    startTls: startTls === "none" ? undefined : (startTls ?? usual.startTls),
  }));
}
