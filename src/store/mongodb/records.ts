import { BSON } from 'mongodb';
import { TrueupError } from '../../errors.ts';
import { defaultOptions, type OptionName, type OptionValue } from '../../model/options.ts';
import type { ProviderFields } from '../../model/provider-fields.ts';
import type { RecordedProvider } from '../../model/recorded.ts';
import type { ProviderChange, ProviderStore } from '../../ports.ts';
import type { Connection } from './connection.ts';
import { booleanAt, type Document, invalid, isObject, isPlainKey, textAt, valueAt } from './fields.ts';
import { documentId, idOf } from './identity.ts';

/**
 * NPS-D's release toggles and provider rows. Rows are never inserted (#76, #102). Of a provider row only the mapped
 * paths come into memory, so neither API key nor proxy password does; only paths that exist are written, but for keys
 * below the options, which may be added (#100).
 */
export function records(connection: Connection): ProviderStore {
  const toggles = connection.npsd('releaseToggles');
  const rows = connection.npsd('edrConfig');
  const collection = connection.fields.collections.edrConfig;
  const paths = connection.fields.provider;
  const projection = Object.fromEntries(['provider', ...Object.values(paths)].map((path) => [path, 1]));

  async function toggle(name: string): Promise<{ name: string; enabled: boolean } | null> {
    const [row, second] = await connection.call(() =>
      toggles.find<Document>({ name: { $eq: name } }, { projection: { enabled: 1 }, limit: 2 }).toArray(),
    );
    if (row === undefined) return null;
    // Nobody can say which of them NPS-D goes by.
    if (second !== undefined) {
      throw new TrueupError('TRUEUP_STORE_INVALID', `Release toggle ${JSON.stringify(name)} has two rows.`, {
        remedy: 'Leave one of them in NPS-D; nothing was written.',
      });
    }
    return { name, enabled: booleanAt(row, 'enabled', `Release toggle ${JSON.stringify(name)}`) ?? false };
  }

  return {
    toggle,
    async setToggle(name, enabled) {
      connection.writing();
      // Read first: a row of a shape that is not known is not written to.
      if ((await toggle(name)) === null) return false;
      const { matchedCount } = await connection.call(() =>
        toggles.updateOne({ name: { $eq: name } }, { $set: { enabled } }, { upsert: false }),
      );
      return matchedCount === 1;
    },
    async providers(provider) {
      const found = await connection.call(() =>
        rows.find<Document>({ provider: { $eq: provider } }, { projection, sort: { _id: 1 } }).toArray(),
      );
      return found.map((row) => decoded(row, paths, collection));
    },
    async createProvider(_provider, name) {
      throw new TrueupError('TRUEUP_PROVIDER_MISSING', `${connection.address} has no provider row ${name}.`);
    },
    async setProvider(id, change) {
      connection.writing();
      const filter = { _id: documentId(id) as never };
      const row = await connection.call(() => rows.findOne<Document>(filter, { projection }));
      const gone = new TrueupError('TRUEUP_PROVIDER_MISSING', `The provider row ${id} is not there any more.`);
      if (row === null) throw gone;
      decoded(row, paths, collection);
      const update = updateFor(row, change, paths);
      if (update === null) return;
      const present = Object.fromEntries(update.present.map((path) => [path, { $exists: true }]));
      const { matchedCount } = await connection.call(() => rows.updateOne({ ...present, ...filter }, update.operators));
      if (matchedCount === 0) throw gone;
    },
  };
}

interface RowUpdate {
  /** Paths that must still exist at the moment of writing, so that none is made. */
  readonly present: readonly string[];
  readonly operators: { $set?: Record<string, OptionValue | null>; $unset?: Record<string, ''> };
}

/** Null: nothing to write. Raises TRUEUP_STORE_INVALID for an option key that no path can name. */
function updateFor(row: Document, change: ProviderChange, paths: ProviderFields['provider']): RowUpdate | null {
  const set = new Map<string, OptionValue | null>();
  const present: string[] = [];
  for (const field of ['name', 'enable', 'apiBaseUrl', 'proxyUrl', 'proxyUsername'] as const) {
    const value = change[field];
    if (value === undefined || valueAt(row, paths[field]) === undefined) continue;
    if (typeof value === 'string' && !value.isWellFormed())
      throw new TrueupError('TRUEUP_STORE_INVALID', `${paths[field]}: text with half a character cannot be stored.`);
    set.set(paths[field], value);
    present.push(paths[field]);
  }
  for (const [option, value] of Object.entries(change.options ?? {})) set.set(optionPath(paths, option), value);
  const unset = (change.removeOptions ?? []).map((option) => optionPath(paths, option));
  if (set.size === 0 && unset.length === 0) return null;
  return {
    present,
    operators: {
      ...(set.size > 0 ? { $set: Object.fromEntries(set) } : {}),
      ...(unset.length > 0 ? { $unset: Object.fromEntries(unset.map((path) => [path, ''] as const)) } : {}),
    },
  };
}

function optionPath(paths: ProviderFields['provider'], option: string): string {
  if (isPlainKey(option)) return `${paths.options}.${option}`;
  throw new TrueupError(
    'TRUEUP_STORE_INVALID',
    `${paths.options} has a key ${JSON.stringify(option)}, which no dotted path can name.`,
    { remedy: 'Remove the key in NPS-D, or leave it with optionsPolicy: merge.' },
  );
}

function decoded(row: Document, paths: ProviderFields['provider'], collection: string): RecordedProvider {
  const id = idOf(row['_id'], collection);
  const record = `${collection} ${id}`;
  return {
    id,
    provider: textAt(row, 'provider', record) ?? '',
    name: textAt(row, paths.name, record),
    enable: booleanAt(row, paths.enable, record),
    apiBaseUrl: textAt(row, paths.apiBaseUrl, record),
    proxyUrl: textAt(row, paths.proxyUrl, record),
    proxyUsername: textAt(row, paths.proxyUsername, record),
    options: optionsOf(row, paths.options, record),
  };
}

function optionsOf(row: Document, path: string, record: string): Record<string, OptionValue> {
  const options = valueAt(row, path);
  if (options === undefined) return {};
  if (!isObject(options)) return invalid(record, path, 'an object', options);
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, optionOf(key, value, `${path}.${key}`, record)]),
  );
}

/** Int32, Long and Double arrive as plain numbers, so 600 and 600.0 are equal; "600" and 600.5 are errors (#103). */
function optionOf(key: string, value: unknown, path: string, record: string): OptionValue {
  const expected = Object.hasOwn(defaultOptions, key) ? typeof defaultOptions[key as OptionName] : null;
  if (expected === 'number')
    return Number.isSafeInteger(value) ? (value as number) : invalid(record, path, 'a whole number', value);
  if (expected === 'boolean') return typeof value === 'boolean' ? value : invalid(record, path, 'true or false', value);
  if (expected === 'string') return typeof value === 'string' ? value : invalid(record, path, 'text', value);
  // A key that is not ours, whatever it holds, is only ever shown, kept, or removed by name.
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return value as OptionValue;
  return BSON.EJSON.stringify(value);
}
