/** NPS-D's records, or those of the embedded store in their place: version, toggle, provider row, computers. */
import type { DesiredProvider } from '../../model/desired.ts';
import type { Check } from '../../model/doctor.ts';
import { hasTanium, versionsWithTanium } from '../../model/npsd-version.ts';
import { defaultOptions } from '../../model/options.ts';
import type { Recorded, RecordedComputer, RecordedProvider } from '../../model/recorded.ts';
import { diffProvider, isOfUnknownShape } from '../../reconcile/provider-records.ts';
import { dueOf } from '../../reconcile/scan-due.ts';
import type { Seen } from '../context.ts';
import { count, fail, failedBy, info, ok, skipped, some, warn } from './check.ts';

export type ProviderRecords = Pick<Recorded, 'owner' | 'toggle' | 'providers'>;

export function judgeVersion({ npsdVersion }: Pick<DesiredProvider, 'npsdVersion'>): Check {
  const id = 'npsd.version';
  if (npsdVersion === null) {
    const remedy = 'Declare EdrProvider.spec.npsdVersion as the user interface of NPS-D shows it.';
    return skipped(id, 'no version of NPS-D is declared', remedy);
  }
  if (hasTanium(npsdVersion)) return ok(id, `NPS-D ${npsdVersion} has the Tanium integration.`);
  const message = `NPS-D ${npsdVersion} has no Tanium integration: ${versionsWithTanium} have.`;
  return fail(id, message, 'Update NPS-D.');
}

/** `isOfToggle`: what cannot be read is the toggle, and not the provider's row. */
export function judgeRecords(
  provider: DesiredProvider,
  records: Seen<ProviderRecords>,
  isOfToggle = false,
): readonly Check[] {
  if (records.kind === 'error') return [failedBy(isOfToggle ? 'npsd.toggle' : 'npsd.provider', records.error)];
  if (records.kind === 'none') return [skipped('npsd.provider', records.why)];
  const { owner } = records.value;
  return [
    judgeToggle(provider, records.value),
    ...judgeRow(provider, records.value),
    ...(owner === 'npsd' ? [secretsOfNpsd] : []),
  ];
}

const secretsOfNpsd = info(
  'npsd.secrets',
  'API key and proxy password in the provider row are sealed by NPS-D, and unmanaged: Trueup neither reads nor writes them.',
  'Set them in NPS-D: Configure → Server → EDR Provider Configuration.',
);

/** #75, #169 */
function judgeToggle({ toggle: declared, provider }: DesiredProvider, { owner, toggle }: ProviderRecords): Check {
  const id = 'npsd.toggle';
  const name = declared?.name ?? provider;
  const wanted = declared?.enabled ?? true;
  if (owner === 'embedded') {
    if (declared === null) return info(id, 'No release toggle is declared, and without NPS-D none is needed.');
    const now = toggle?.enabled ?? false;
    if (now === wanted) return settled(id, name, wanted);
    return info(id, `release_toggles has ${shown(name, now)}, and ${wanted} is declared.`, 'Run `trueup apply`.');
  }
  if (toggle === null) {
    const message = `release_toggles has no row ${JSON.stringify(name)}: this release lacks the Tanium integration, or its migration has not run.`;
    return fail(id, message, 'Check `s1 migrate status` on the NPS-D host; Trueup never inserts the row.');
  }
  if (toggle.enabled === wanted) return settled(id, name, wanted);
  const message = `release_toggles has ${shown(name, toggle.enabled)}, and should have ${wanted}.`;
  return fail(id, message, 'Run `trueup doctor --fix`, or `trueup apply`.');
}

function settled(id: string, name: string, enabled: boolean): Check {
  const message = `release_toggles has ${shown(name, enabled)}.`;
  return enabled ? ok(id, message) : info(id, `${message} It is declared so: the integration is off.`);
}

function shown(name: string, enabled: boolean): string {
  return JSON.stringify({ name, enabled });
}

/** #102, #170 */
function judgeRow(provider: DesiredProvider, records: ProviderRecords): readonly Check[] {
  const { owner, providers } = records;
  const id = 'npsd.provider';
  const [row, second] = providers;
  const { name } = provider;
  if (second !== undefined) {
    const message = `${providers.length} provider rows match ${JSON.stringify(name)}: ${some(providers.map((one) => one.id))}.`;
    return [fail(id, message, 'Give the rows different names, and name the path in EdrProvider.spec.fields.provider.')];
  }
  if (row === undefined) {
    if (owner === 'embedded') {
      return [info(id, `There is no provider row ${JSON.stringify(name)} yet.`, 'Run `trueup apply`, which makes it.')];
    }
    const remedy = 'Create it in NPS-D: Configure → Server → EDR Provider Configuration → Add New.';
    return [fail(id, `There is no provider row ${JSON.stringify(name)}, and Trueup never inserts one.`, remedy)];
  }
  const verdict = judgeOneRow(provider, row, owner);
  const differs = verdict.status === 'fail' ? [] : [judgeDifferences(provider, records)];
  return [verdict, ...differs, configOf(row)];
}

/** #87: what NPS-D works with and what is declared. */
function judgeDifferences(provider: DesiredProvider, records: ProviderRecords): Check {
  const id = 'npsd.differences';
  // Without the toggle, which has a check of its own.
  const changes = diffProvider({ ...provider, toggle: null }, records);
  if (changes.length === 0) return ok(id, 'The provider row says what is declared.');
  const names = changes.map(({ subject }) => subject['option'] ?? subject['field'] ?? '');
  const message = `Not as declared in the provider row: ${some(names, 5)}.`;
  return warn(id, message, 'Run `trueup doctor --fix`, or `trueup apply`.');
}

function judgeOneRow(provider: DesiredProvider, row: RecordedProvider, owner: Recorded['owner']): Check {
  const id = 'npsd.provider';
  const title = `The provider row ${row.id}`;
  if (owner === 'npsd' && isOfUnknownShape(row)) {
    const message = `${title} has none of the paths that are known: a newer NPS-D may keep its settings elsewhere. Nothing is written to it.`;
    return fail(id, message, 'Name the paths in EdrProvider.spec.fields.provider.');
  }
  if (row.enable === false && provider.enable) {
    return fail(id, `${title} is disabled, and should be enabled.`, 'Run `trueup doctor --fix`, or `trueup apply`.');
  }
  if (!provider.enable) return info(id, `The provider is declared disabled: nothing is scanned or changed through it.`);
  if (row.name === null && owner === 'npsd') {
    const message = `${title} has no name at ${provider.fields.provider.name}, so that nobody can compare it.`;
    return warn(id, message, 'Name the path in EdrProvider.spec.fields.provider.name.');
  }
  return ok(id, `${title} is ${JSON.stringify(row.name ?? provider.name)}${row.enable === null ? '' : ', enabled'}.`);
}

/** The seed's "View EDR configuration", without what may be a secret. */
function configOf({ provider, name, enable, apiBaseUrl, proxyUrl, proxyUsername, options }: RecordedProvider): Check {
  const shownOptions = Object.entries(options).map(([key, value]) => [
    key,
    Object.hasOwn(defaultOptions, key) ? value : '(not shown)',
  ]);
  const config = {
    provider,
    name,
    enable,
    apiBaseUrl: apiBaseUrl === null ? null : withoutCredentials(apiBaseUrl),
    apiKey: '(not shown)',
    proxy: proxyUrl === null ? null : { url: withoutCredentials(proxyUrl), username: proxyUsername },
    options: Object.fromEntries(shownOptions) as Record<string, unknown>,
  };
  // With blanks, at which a line can be broken.
  return info('npsd.config', JSON.stringify(config, null, 1).replaceAll(/\n\s*/g, ' '));
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}

/** #109, #112, #113: whom a scan is of, by the records. */
export function judgeComputers(
  provider: Pick<DesiredProvider, 'name' | 'provider'>,
  owner: Recorded['owner'],
  computers: Seen<readonly RecordedComputer[]>,
): Check {
  const id = 'npsd.computers';
  if (computers.kind === 'error') return failedBy(id, computers.error);
  if (computers.kind === 'none') return skipped(id, computers.why);
  const all = computers.value;
  if (all.length === 0) {
    const remedy =
      owner === 'embedded'
        ? 'Declare a ComputerPolicy with `enroll: true`, and run `trueup apply`.'
        : 'Load the computers in NPS-D, and select this provider as their EDR Integration.';
    return info(id, 'No computer is on record.', remedy);
  }
  const managed = all.filter(({ offlineAccess }) => offlineAccess !== 'Unmanaged');
  if (managed.length > 0) {
    const message = `Offline Access of ${count(managed.length, 'computer')} is not Unmanaged, which is not supported with Tanium: ${some(managed.map(({ name }) => name))}.`;
    return warn(id, message, 'Declare offlineAccess: Unmanaged in a ComputerPolicy, and apply.');
  }
  const { computers: due, notDue } = dueOf(all, provider);
  const rest = [
    [notDue['scan-disabled'], 'Scan disabled'],
    [notDue['other-provider'], 'another EDR integration'],
    [notDue['not-windows'], 'another system'],
  ] as const;
  const left = rest.filter(([number]) => number > 0).map(([number, why]) => `${number} with ${why}`);
  const tail = left.length === 0 ? '' : `; ${left.join(', ')}`;
  return ok(id, `${due.length} of ${count(all.length, 'computer')} on record are scanned${tail}.`);
}
