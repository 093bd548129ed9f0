/** What a provider's own document must keep to beyond its schema. */

import { daysLeft } from '../../model/moment.ts';
import { optionRanges } from '../../model/option-ranges.ts';
import { defaultOptions } from '../../model/options.ts';
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { shown } from '../shown.ts';
import { isConsoleHost } from '../urls.ts';
import type { Told } from './told.ts';

type Provider = DocumentOf<'EdrProvider'>;

/** `nowMs`: milliseconds since 1970. `packageSeconds`: how long the package may take to load and to run. */
export function checkProvider(provider: Provider, nowMs: number, packageSeconds: number, told: Told): void {
  checkAddress(provider, told);
  checkExpiry(provider, nowMs, told);
  checkRanges(provider, told);
  checkTimeouts(provider, packageSeconds, told);
  checkPrincipals(provider, told);
}

function checkAddress(provider: Provider, { warnings }: Told): void {
  const { spec } = provider.value;
  if (typeof spec.apiBaseUrl !== 'string' || !isConsoleHost(spec.apiBaseUrl)) return;
  const api = spec.apiBaseUrl.replace('.cloud.tanium.com', '-api.cloud.tanium.com');
  const message = `${shown(spec.apiBaseUrl)} is the host of the console; the API of Tanium Cloud answers at ${api}.`;
  warnings.push(problemIn(provider, 'TRUEUP_URL_NOT_API', spec, 'apiBaseUrl', message));
}

const warnDays = 14;

/** #73 */
function checkExpiry(provider: Provider, nowMs: number, { warnings }: Told): void {
  const { spec } = provider.value;
  const { apiKeyExpires: moment } = spec;
  if (moment === undefined) return;
  const days = daysLeft(moment, nowMs);
  if (days >= warnDays) return;
  const when =
    days < 0
      ? 'has expired'
      : days === 0
        ? 'expires within a day'
        : `expires in ${days} ${days === 1 ? 'day' : 'days'}`;
  const message = `The API token ${when} (${moment}).`;
  warnings.push(problemIn(provider, 'TRUEUP_EXPIRES_SOON', spec, 'apiKeyExpires', message));
}

/** The least Max Sensor Age that Tanium recommends, which NPS-D's own range goes below (C15). */
const taniumLeastAge = 600;

function checkRanges(provider: Provider, { errors, warnings }: Told): void {
  const { spec } = provider.value;
  const { options = {}, recommendedRanges = 'warn' } = spec;
  if (recommendedRanges === 'ignore') return;
  for (const { option, from, to, unit, trade } of optionRanges) {
    const value = options[option];
    if (typeof value !== 'number' || (value >= from && value <= to)) continue;
    const message = `${option} ${value} is outside the recommended range of ${from} to ${to}${unit}. It is ${trade}.`;
    (recommendedRanges === 'error' ? errors : warnings).push(
      problemIn(provider, 'TRUEUP_RANGE', options, option, message),
    );
  }
  const age = options.sensor_max_age_seconds;
  if (age === undefined || age >= taniumLeastAge || age < 300) return;
  const message = `sensor_max_age_seconds ${age} is below the ${taniumLeastAge} s that Tanium recommends at least.`;
  warnings.push(problemIn(provider, 'TRUEUP_RANGE', options, 'sensor_max_age_seconds', message));
}

/** #61, #98. Against a value that nobody declares there is a warning only: the row may say something else. */
function checkTimeouts(provider: Provider, packageSeconds: number, { errors, warnings }: Told): void {
  const { options = {} } = provider.value.spec;
  const { action_timeout_seconds: action, bulk_scan_timeout_seconds: bulk } = options;
  if (action !== undefined && action < packageSeconds) {
    const message = `action_timeout_seconds ${action} is less than the ${packageSeconds} s that the package may take to load and to run.`;
    warnings.push(problemIn(provider, 'TRUEUP_TIMEOUTS', options, 'action_timeout_seconds', message));
  }
  if (bulk === undefined && action === undefined) return;
  const [outer, inner] = [
    bulk ?? defaultOptions.bulk_scan_timeout_seconds,
    action ?? defaultOptions.action_timeout_seconds,
  ];
  if (outer >= inner) return;
  const areBoth = bulk !== undefined && action !== undefined;
  const text = (name: string, value: number, declared: number | undefined): string =>
    declared === undefined ? `${name}, ${value} by default` : `${name} ${value}`;
  const message = `${text('bulk_scan_timeout_seconds', outer, bulk)} is less than ${text('action_timeout_seconds', inner, action)}: a bulk scan is an action itself.`;
  const key = bulk === undefined ? 'action_timeout_seconds' : 'bulk_scan_timeout_seconds';
  (areBoth ? errors : warnings).push(problemIn(provider, 'TRUEUP_TIMEOUTS', options, key, message));
}

function checkPrincipals(provider: Provider, { errors, warnings }: Told): void {
  const known = new Map<string, { readonly sid: string; readonly line: number }>();
  for (const principal of provider.value.spec.principals ?? []) {
    const { name, sid } = principal;
    const { line } = provider.places.of(principal);
    const other = known.get(name.toLowerCase());
    if (other === undefined) known.set(name.toLowerCase(), { sid, line });
    else if (other.sid === sid) {
      const message = `${shown(name)} stands here twice, in line ${other.line} too.`;
      warnings.push(problemIn(provider, 'TRUEUP_MEMBER_TWICE', principal, 'name', message));
    } else {
      const message = `${shown(name)} is ${sid} here and ${other.sid} at ${spot(provider.file, other)}.`;
      errors.push(problemIn(provider, 'TRUEUP_NAME_TWO_SIDS', principal, 'sid', message));
    }
    if (!name.includes('\\') || name.startsWith('.\\')) {
      const message = `${shown(name)} is an account of the device itself, whose SID is another one on each.`;
      errors.push(problemIn(provider, 'TRUEUP_NAME', principal, 'name', message));
    }
  }
}
