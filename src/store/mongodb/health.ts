/** How the database beside NPS-D is doing, as the server itself says. */
import type { StoreHealth } from '../../ports.ts';
import type { Connection } from './connection.ts';
import { SCHEMA_VERSION, type SchemaDocument } from './layout.ts';

export function health(connection: Connection): StoreHealth {
  /** What not every server tells, and not to every user. */
  async function asked(command: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      return await connection.command({ [command]: 1 });
    } catch {
      return {};
    }
  }

  return {
    async health() {
      const meta = connection.own<SchemaDocument>('meta');
      const found = await connection.call(() => meta.findOne({ _id: 'schema' }));
      const { version } = await asked('buildInfo');
      const { fsTotalSize, fsUsedSize, dataSize } = await asked('dbStats');
      return {
        engine: { name: 'MongoDB', version: typeof version === 'string' ? version : null },
        layout: found?.version ?? null,
        knownLayout: SCHEMA_VERSION,
        bytes: typeof dataSize === 'number' ? dataSize : 0,
        freeBytes: typeof fsTotalSize === 'number' && typeof fsUsedSize === 'number' ? fsTotalSize - fsUsedSize : null,
        damage: null,
      };
    },
  };
}
