/** Toggle, provider row and options: the first records of a plan. */
import { TrueupError } from '../errors.ts';
import type { DesiredProvider } from '../model/desired.ts';
import { defaultOptions, type OptionName } from '../model/options.ts';
import type { ChangeKind, PlannedChange, PlanValue, Reason, Subject } from '../model/plan.ts';
import type { Recorded, RecordedProvider } from '../model/recorded.ts';
import { compareText } from '../model/sid.ts';

export interface ProviderRecordChange {
  readonly kind: Extract<ChangeKind, 'toggle.set' | 'provider.create' | 'provider.set' | 'option.set'>;
  readonly subject: Subject;
  readonly from: PlanValue;
  readonly to: PlanValue;
  readonly reason: Reason;
  readonly consequence: string | null;
}

/**
 * Off, the whole integration rests: nothing is asked of the fleet and nothing is changed on it. A toggle that nobody
 * declares is not looked after, but heeded.
 */
export function isOff(
  provider: Pick<DesiredProvider, 'enable' | 'toggle'>,
  recorded: Pick<Recorded, 'toggle'>,
): boolean {
  return !provider.enable || (provider.toggle ?? recorded.toggle)?.enabled === false;
}

type Switch = Pick<PlannedChange, 'kind' | 'subject' | 'to'>;

/** Whether these changes are what turns the integration on. */
export function turnsOn(changes: readonly Switch[]): boolean {
  return changes.some((change) => isSwitch(change) && change.to === true);
}

/** Whether these changes turn the integration off, which nobody does by the way (#78). */
export function turnsOff(changes: readonly Switch[]): boolean {
  return changes.some((change) => isSwitch(change) && change.to === false);
}

function isSwitch({ kind, subject }: Switch): boolean {
  return kind === 'toggle.set' || (kind === 'provider.set' && subject['field'] === 'enable');
}

/** None of the paths that are known is in it: a newer NPS-D may keep its settings elsewhere, and none is made for it. */
export function isOfUnknownShape({ name, enable, apiBaseUrl, proxyUrl, options }: RecordedProvider): boolean {
  const fields = [name, enable, apiBaseUrl, proxyUrl];
  return fields.every((field) => field === null) && Object.keys(options).length === 0;
}

/** Throws TRUEUP_TOGGLE_MISSING, TRUEUP_PROVIDER_MISSING, TRUEUP_PROVIDER_AMBIGUOUS, TRUEUP_STORE_INVALID. */
export function diffProvider(
  provider: DesiredProvider,
  recorded: Pick<Recorded, 'owner' | 'toggle' | 'providers'>,
): ProviderRecordChange[] {
  const changes: ProviderRecordChange[] = [];
  const { toggle } = provider;
  if (toggle !== null) {
    // Only NPS-D's own migration makes the row (#76); Trueup's store has one, off, as soon as it is written to.
    if (recorded.toggle === null && recorded.owner === 'npsd') {
      throw new TrueupError('TRUEUP_TOGGLE_MISSING', `The release toggle ${toggle.name} has no row.`, where(provider));
    }
    const now = recorded.toggle?.enabled ?? false;
    if (now !== toggle.enabled) {
      const consequence = toggle.enabled ? null : turnedOff;
      changes.push(set('toggle.set', { toggle: toggle.name }, now, toggle.enabled, consequence));
    }
  }
  const row = rowOf(provider, recorded);
  if (row === null) changes.push(creation(provider));
  else changes.push(...diffFields(provider, row, recorded.owner), ...diffOptions(provider, row));
  return changes;
}

/** Null: the embedded store has none yet. */
function rowOf(
  provider: DesiredProvider,
  { providers, owner }: Pick<Recorded, 'owner' | 'providers'>,
): RecordedProvider | null {
  const [row, second] = providers;
  if (second !== undefined) {
    const message = `${providers.length} provider rows match ${provider.name}: ${providers.map(({ id }) => id).join(', ')}.`;
    throw new TrueupError('TRUEUP_PROVIDER_AMBIGUOUS', message, where(provider));
  }
  if (row !== undefined && owner === 'npsd' && isOfUnknownShape(row)) {
    throw new TrueupError('TRUEUP_STORE_INVALID', `The provider row ${row.id} has none of the paths that are known.`, {
      ...where(provider),
      cause: 'A newer NPS-D may keep its settings elsewhere. Nothing was written.',
      remedy: 'Name the paths in EdrProvider.spec.fields.provider.',
    });
  }
  if (row !== undefined) return row;
  if (owner === 'embedded') return null;
  throw new TrueupError('TRUEUP_PROVIDER_MISSING', `There is no provider row ${provider.name}.`, where(provider));
}

function creation(provider: DesiredProvider): ProviderRecordChange {
  const to: Record<string, PlanValue> = { enable: provider.enable };
  for (const [field, value] of fieldsOf(provider)) to[field] = value;
  to['options'] = { ...provider.options };
  return {
    kind: 'provider.create',
    subject: { provider: provider.name },
    from: null,
    to,
    reason: 'never-applied',
    consequence: null,
  };
}

/** What is declared of the row; a proxy that nobody declares, and an address that the environment holds, are left. */
function fieldsOf(provider: DesiredProvider): ['apiBaseUrl' | 'proxyUrl' | 'proxyUsername', string][] {
  const { apiBaseUrl, proxy } = provider;
  return [
    ...(typeof apiBaseUrl === 'string' ? [['apiBaseUrl', apiBaseUrl] as ['apiBaseUrl', string]] : []),
    ...(proxy === null ? [] : [['proxyUrl', proxy.url] as ['proxyUrl', string]]),
    ...(proxy === null || proxy.username === null
      ? []
      : [['proxyUsername', proxy.username] as ['proxyUsername', string]]),
  ];
}

function diffFields(
  provider: DesiredProvider,
  row: RecordedProvider,
  owner: Recorded['owner'],
): ProviderRecordChange[] {
  const changes: ProviderRecordChange[] = [];
  if (row.enable !== provider.enable && (row.enable !== null || owner === 'embedded')) {
    const consequence = provider.enable ? null : turnedOff;
    changes.push(set('provider.set', { field: 'enable' }, row.enable, provider.enable, consequence));
  }
  for (const [field, to] of fieldsOf(provider)) {
    const from = row[field];
    // A path that NPS-D's row does not have is not ours to make.
    if (from === to || (from === null && owner === 'npsd')) continue;
    changes.push(set('provider.set', { field }, from === null ? null : withoutCredentials(from), to));
  }
  return changes;
}

/** 600 and 600.0 are one number here (#103); a key that nobody declares stays, unless the options are exact (#100). */
function diffOptions(provider: DesiredProvider, row: RecordedProvider): ProviderRecordChange[] {
  const changes: ProviderRecordChange[] = [];
  for (const [name, to] of Object.entries(provider.options)) {
    const from = Object.hasOwn(row.options, name) ? (row.options[name] ?? null) : null;
    if (to !== undefined && from !== to) changes.push(set('option.set', { option: name }, from, to));
  }
  if (provider.optionsPolicy === 'exact') {
    for (const [name, value] of Object.entries(row.options)) {
      if (provider.options[name as OptionName] !== undefined) continue;
      // Of a key that is none of the integration's, nobody knows whether its value is a secret.
      const from = Object.hasOwn(defaultOptions, name) ? value : '(not shown)';
      changes.push(set('option.set', { option: name }, from, null));
    }
  }
  return changes.toSorted((a, b) => compareText(a.subject['option'] ?? '', b.subject['option'] ?? ''));
}

/** No record says what was applied to the provider's own row before, so that nobody can tell who changed it. */
function set(
  kind: ProviderRecordChange['kind'],
  subject: Subject,
  from: PlanValue,
  to: PlanValue,
  consequence: string | null = null,
): ProviderRecordChange {
  return { kind, subject, from, to, reason: 'unknown', consequence };
}

/** #78, #81 */
const turnedOff = 'Turns the whole integration off: while it is, nothing is scanned, changed or verified.';

/** A plan shows no secret, and somebody may have written one into an address. */
function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

function where({ ref }: DesiredProvider): { readonly source: string } {
  return { source: `${ref.source.file}:${ref.source.line}` };
}
