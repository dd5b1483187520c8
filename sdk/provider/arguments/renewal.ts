/** Arguments about time: margins of renewal, and instants. */
import * as v from "valibot";

import { percentOf } from "../../issuance/renewal";
import { duration, span, text } from "../../schema/builders";

/** `"30d"` or `"33%"`. */
export const margin = v.pipe(
  text((value) => {
    const percent = percentOf(value);
    return percent === undefined ? v.is(duration, value) : percent > 0;
  }, 'must be a duration such as "30d", or a share of the lifetime such as "33%"'),
  v.check(
    (value) => (percentOf(value) ?? 0) < 100,
    "must be less than 100%: with the whole lifetime every run would renew",
  ),
);

/** The same, where none at all says something, too. */
export const marginOrNone = text(
  (value) => percentOf(value) !== undefined || v.is(span, value),
  'must be a duration such as "10d", or a share of the lifetime such as "10%"',
);

export const instantText = text(
  (value) => /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value)),
  "must be an RFC 3339 instant such as 2026-01-02T03:04:05Z",
);
