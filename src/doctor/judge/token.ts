/** The API token: whether Tanium takes it, what it may do, and for how long (#30, #73, #158, #159). */
import type { Reach } from '../../fleet-ports.ts';
import type { DesiredProvider } from '../../model/desired.ts';
import type { Check } from '../../model/doctor.ts';
import { daysLeft } from '../../model/moment.ts';
import type { Seen } from '../context.ts';
import { isCausedBy } from './cause.ts';
import { count, fail, failedBy, ok, skipped, some, warn } from './check.ts';
import { apiTokenRow, rightsCheck, whyUnreached } from './reach.ts';

/** Row 3: `200 OK`. `asked`: everything that was asked after it. */
export function judgeToken({ failure, ms }: Reach, asked: readonly Seen<unknown>[]): Check {
  const id = apiTokenRow;
  if (failure?.layer === 'token') return failedBy(id, failure.error);
  if (failure !== null) return skipped(id, whyUnreached(failure));
  const later = asked.find((seen) => isCausedBy(seen, id));
  if (later?.kind === 'error') {
    return failedBy(id, later.error);
  }
  return ok(id, `200 OK: GET /api/v2/sensors, after ${ms} ms.`);
}

/** What the integration reads; what it writes needs `Write Action`, which only an action shows. */
const readsOf = 'sensors, packages, computer groups and action groups, and ask questions';

export function judgeRights({ failure }: Reach, asked: readonly Seen<unknown>[]): Check {
  const id = rightsCheck;
  if (failure?.layer === 'rights') return failedBy(id, failure.error);
  if (failure !== null) return skipped(id, whyUnreached(failure));
  const refused = asked.flatMap((seen) => (isCausedBy(seen, id) ? [seen.error] : []));
  const [first] = refused;
  if (asked.every(({ kind }) => kind === 'none')) return skipped(id, 'nothing was asked');
  if (first === undefined) return ok(id, `The token may read ${readsOf}.`);
  const messages = [...new Set(refused.map(({ message }) => message))];
  const remedies = [...new Set(refused.map(({ remedy }) => remedy))];
  return fail(id, `${some(messages, 5)} (${first.code})`, remedies.join(' '));
}

/** Row 4: `Connection Successful`. */
export function judgeConnection({ failure, host, proxy }: Reach, token: Check): Check {
  const id = 'row.connection';
  if (failure !== null) return skipped(id, whyUnreached(failure));
  if (token.status !== 'ok') return skipped(id, `${token.id} failed`);
  return ok(id, `Connection Successful: ${host ?? 'Tanium'}${proxy === null ? '' : ` through the proxy ${proxy}`}.`);
}

const warnDays = 14;

/** `now`: ISO time. A day counts whole, in UTC. */
export function judgeExpiry({ apiKeyExpires }: Pick<DesiredProvider, 'apiKeyExpires'>, now: string): Check {
  const id = 'tanium.token-expiry';
  const remedy = 'Make a new token in Tanium, set it where apiKey points, and set EdrProvider.spec.apiKeyExpires.';
  if (apiKeyExpires === null) {
    return skipped(
      id,
      'EdrProvider.spec.apiKeyExpires is not declared (Tanium gives 7 days by default)',
      'Declare it.',
    );
  }
  const days = daysLeft(apiKeyExpires, Date.parse(now));
  if (days < 0) return fail(id, `The API token has expired: it was to hold until ${apiKeyExpires}.`, remedy);
  const message = `The API token holds until ${apiKeyExpires}: ${count(days, 'day')} more`;
  return days < warnDays ? warn(id, `${message}, less than ${warnDays}.`, remedy) : ok(id, `${message}.`);
}
