/** DNS services that are called over HTTP. */
import { type Rest, type RestOptions, withRest } from "../../../http/rest-service";
import type { ZoneService } from "./zones";

/** What {@link ZoneService} asks for, by the calls of a REST service. */
export function overRest(
  options: RestOptions,
): Pick<ZoneService<Rest>, "service" | "endpoint" | "account" | "connect"> {
  return {
    service: options.service,
    endpoint: options.apiUrl,
    account: [options.apiUrl, options.credentials],
    connect: (context, work) => withRest(options, context, work),
  };
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly isLast: boolean;
}

/** The items of all pages; they are counted from 1. */
export async function allPages<T>(fetchPage: (page: number) => Promise<Page<T>>): Promise<T[]> {
  const found: T[] = [];
  for (let page = 1; ; page++) {
    const { items, isLast } = await fetchPage(page);
    found.push(...items);
    if (isLast || items.length === 0) return found;
  }
}
