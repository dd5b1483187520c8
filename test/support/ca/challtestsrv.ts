/** pebble-challtestsrv as a DNS server that tests can fill. */
import { freePorts, isListening } from "../process/ports";
import { retryOnTakenPort, startServer, type ServerProcess } from "../process/server-process";
import { toolPath } from "../process/tool-paths";

/** A question that the DNS server was asked. */
export interface DnsQuestion {
  readonly Name: string;
  readonly Qtype: number;
}

/** Names are written without a trailing dot, as everywhere else in this project. */
export class ChallTestServer {
  /** `127.0.0.1:port`, UDP and TCP. */
  readonly dnsAddress: string;
  /** Where records are set and cleared, for other processes than the test itself. */
  readonly managementUrl: string;
  readonly #server: ServerProcess;

  constructor(server: ServerProcess, dnsPort: number, managementPort: number) {
    this.#server = server;
    this.dnsAddress = `127.0.0.1:${String(dnsPort)}`;
    this.managementUrl = `http://127.0.0.1:${String(managementPort)}`;
  }

  /** What names without an address of their own resolve to; the empty text: to nothing. */
  async setDefaultIp(v4: string, v6 = ""): Promise<void> {
    await this.#post("set-default-ipv4", { ip: v4 });
    await this.#post("set-default-ipv6", { ip: v6 });
  }

  async addA(name: string, ...addresses: string[]): Promise<void> {
    await this.#post("add-a", { host: fqdn(name), addresses });
  }

  async clearA(name: string): Promise<void> {
    await this.#post("clear-a", { host: fqdn(name) });
  }

  async addAaaa(name: string, ...addresses: string[]): Promise<void> {
    await this.#post("add-aaaa", { host: fqdn(name), addresses });
  }

  async clearAaaa(name: string): Promise<void> {
    await this.#post("clear-aaaa", { host: fqdn(name) });
  }

  /** Adds a TXT record; a second one beside the first, if there is one. */
  async setTxt(name: string, value: string): Promise<void> {
    await this.#post("set-txt", { host: fqdn(name), value });
  }

  async clearTxt(name: string): Promise<void> {
    await this.#post("clear-txt", { host: fqdn(name) });
  }

  /** Its values from now on. */
  async replaceTxt(name: string, values: readonly string[]): Promise<void> {
    await this.clearTxt(name);
    for (const value of values) await this.setTxt(name, value);
  }

  async addCaa(name: string, ...policies: { tag: string; value: string }[]): Promise<void> {
    await this.#post("add-caa", { host: fqdn(name), policies });
  }

  async clearCaa(name: string): Promise<void> {
    await this.#post("clear-caa", { host: fqdn(name) });
  }

  async setCname(name: string, target: string): Promise<void> {
    await this.#post("set-cname", { host: fqdn(name), target: fqdn(target) });
  }

  async clearCname(name: string): Promise<void> {
    await this.#post("clear-cname", { host: fqdn(name) });
  }

  async setServfail(name: string): Promise<void> {
    await this.#post("set-servfail", { host: fqdn(name) });
  }

  async clearServfail(name: string): Promise<void> {
    await this.#post("clear-servfail", { host: fqdn(name) });
  }

  /** What was asked about `name`, by the CA and by others. */
  async questions(name: string): Promise<DnsQuestion[]> {
    const text = await this.#post("dns-request-history", { host: fqdn(name) });
    const history = JSON.parse(text) as { Question: DnsQuestion }[] | null;
    return (history ?? []).map(({ Question }) => Question);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  async #post(call: string, body: unknown): Promise<string> {
    const response = await fetch(`${this.managementUrl}/${call}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`challtestsrv ${call}: ${String(response.status)} ${text}`);
    return text;
  }
}

/** Starts it for DNS alone: its own answers to http-01 and tls-alpn-01 are off, those ports are the tests'. */
export function startChallTestServer(): Promise<ChallTestServer> {
  return retryOnTakenPort(async () => {
    const [dns = 0, management = 0] = await freePorts(2);
    return new ChallTestServer(await launchChallTestServer(dns, management), dns, management);
  });
}

/** The process alone; every name is 127.0.0.1. */
export function launchChallTestServer(
  dns: number,
  management: number,
  keepRunningWithLog?: string,
): Promise<ServerProcess> {
  return startServer(
    toolPath("pebble-challtestsrv"),
    [
      ...["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""],
      ...["-dnsserver", `127.0.0.1:${String(dns)}`],
      ...["-management", `127.0.0.1:${String(management)}`],
      ...["-http01", "", "-https01", "", "-tlsalpn01", "", "-doh", ""],
    ],
    {
      keepRunningWithLog,
      ready: async () => (await isListening(dns)) && (await isListening(management)),
    },
  );
}

function fqdn(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}
