import { TrueupError } from '../../errors.ts';
import type { OptionValue } from '../../model/options.ts';
import type { RecordedProvider } from '../../model/recorded.ts';
import type { ProviderChange, ProviderStore } from '../../ports.ts';
import { pack, packOrNull, parseRecord, unpack, unpackOrNull } from '../text.ts';
import type { Database } from './database.ts';

interface ProviderRow {
  id: number;
  provider: string;
  name: string;
  enable: number | null;
  api_base_url: string | null;
  proxy_url: string | null;
  proxy_username: string | null;
  options: string;
}

/** Release toggles and provider rows. */
export function records(db: Database): ProviderStore {
  function providers(provider: string): RecordedProvider[] {
    return db.all<ProviderRow>('SELECT * FROM provider WHERE provider = ? ORDER BY id', pack(provider)).map(decoded);
  }

  return {
    async toggle(name) {
      const row = db.get<{ enabled: number }>('SELECT enabled FROM toggle WHERE name = ?', pack(name));
      return row ? { name, enabled: row.enabled === 1 } : null;
    },
    async setToggle(name, enabled) {
      return db.run('UPDATE toggle SET enabled = ? WHERE name = ?', enabled ? 1 : 0, pack(name)).changes === 1;
    },
    async providers(provider) {
      return providers(provider);
    },
    async createProvider(provider, name) {
      return db.transaction(() => {
        // A row of this name is left from a run that was cut off: it is the one to be filled.
        const present = providers(provider).find((row) => row.name === name);
        if (present) return present;
        const { id } = db.run(
          "INSERT INTO provider (provider, name, options) VALUES (?, ?, '{}')",
          pack(provider),
          pack(name),
        );
        return decoded(db.get<ProviderRow>('SELECT * FROM provider WHERE id = ?', id) as ProviderRow);
      });
    },
    async setProvider(id, change) {
      db.transaction(() => setProvider(db, id, change));
    },
  };
}

function setProvider(db: Database, id: string, change: ProviderChange): void {
  const row = db.get<ProviderRow>('SELECT * FROM provider WHERE id = ?', id);
  if (!row) throw new TrueupError('TRUEUP_PROVIDER_MISSING', `The store has no provider row ${id} any more.`);
  const options = new Map(Object.entries(optionsOf(row)));
  for (const [key, value] of Object.entries(change.options ?? {})) options.set(key, value);
  for (const key of change.removeOptions ?? []) options.delete(key);
  db.run(
    `UPDATE provider SET name = ?, enable = ?, api_base_url = ?, proxy_url = ?, proxy_username = ?, options = ?
     WHERE id = ?`,
    change.name === undefined ? row.name : pack(change.name),
    change.enable === undefined ? row.enable : change.enable ? 1 : 0,
    change.apiBaseUrl === undefined ? row.api_base_url : pack(change.apiBaseUrl),
    change.proxyUrl === undefined ? row.proxy_url : packOrNull(change.proxyUrl),
    change.proxyUsername === undefined ? row.proxy_username : packOrNull(change.proxyUsername),
    JSON.stringify(Object.fromEntries(options)),
    row.id,
  );
}

function optionsOf(row: ProviderRow): Record<string, OptionValue> {
  return parseRecord(row.options, `options of provider row ${row.id}`);
}

function decoded(row: ProviderRow): RecordedProvider {
  return {
    id: String(row.id),
    provider: unpack(row.provider),
    name: unpack(row.name),
    enable: row.enable === null ? null : row.enable === 1,
    apiBaseUrl: unpackOrNull(row.api_base_url),
    proxyUrl: unpackOrNull(row.proxy_url),
    proxyUsername: unpackOrNull(row.proxy_username),
    options: optionsOf(row),
  };
}
