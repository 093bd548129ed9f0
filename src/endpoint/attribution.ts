/** The one read that can go before the changes of an action: who changed these accounts and groups. */
import type { AccountEvent, Attribution, AttributionRead } from '../model/attribution.ts';
import { isLocalSid, isSid, type Sid } from '../model/sid.ts';
import type { Command } from './command.ts';
import { isJsonObject, type JsonObject } from './json.ts';

/** `meta.action` of its report. */
export const attributionAction = 'General.Attribution';

/** An account goes by its number only: to ask for a name that is gone is an error, and nothing after it would run. */
export function attributionCommand({ group, rid }: AttributionRead): Command {
  const parameters = {
    ...(group !== undefined && { GroupSID: group }),
    ...(rid !== undefined && { UserRID: String(rid) }),
  };
  return { target: 'General', action: 'Attribution', parameters };
}

/** As many as a device reports; what a hostile log has beyond is not read. */
const mostEvents = 50;

/** The `data` of a report; null: it is not one of an attribution. What is no event is left out, and it is not whole. */
export function attributionOf(data: JsonObject | null): Attribution | null {
  if (data === null || typeof data['complete'] !== 'boolean' || !Array.isArray(data['events'])) return null;
  const listed: readonly unknown[] = data['events'];
  const events = listed.slice(0, mostEvents).flatMap((one) => eventOf(one) ?? []);
  const newestFirst = events.toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at));
  return { complete: data['complete'] && events.length === listed.length, events: newestFirst };
}

function eventOf(value: unknown): AccountEvent | null {
  if (!isJsonObject(value)) return null;
  const { id, at, by, byName, account, group, member = null, name = null } = value;
  const target = group ?? account;
  if (typeof id !== 'number' || !isTime(at) || !isPrincipal(by) || !isPrincipal(target)) return null;
  if (member !== null && !isPrincipal(member)) return null;
  if (name !== null && !isName(name)) return null;
  return { id, at, by, byName: qualifiedName(byName), target, member, name };
}

function isTime(value: unknown): value is string {
  return (
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

function isPrincipal(value: unknown): value is Sid {
  return typeof value === 'string' && (isSid(value) || isLocalSid(value));
}

/** More than a domain's and an account's name together may have. */
const longestName = 255;

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= longestName && value.isWellFormed();
}

/** Null where a part is missing: Windows writes `-` for a name that it does not know. */
function qualifiedName(value: unknown): string | null {
  if (!isName(value)) return null;
  const [domain = '', ...rest] = value.split('\\');
  const name = rest.join('\\');
  return domain === '' || domain === '-' || name === '' || name === '-' ? null : value;
}
