/** How the store is doing, and who works with it. */
import type { Check } from '../../model/doctor.ts';
import type { StoreHealthReport } from '../../model/store-health.ts';
import type { LeaseHolder } from '../../ports.ts';
import type { Seen } from '../context.ts';
import { count, fail, failedBy, info, ok, skipped, warn } from './check.ts';
import { isAtLeast } from './host.ts';

export interface StoreLook {
  readonly health: StoreHealthReport;
  /** Who works for the provider; null: nobody. */
  readonly heldBy: LeaseHolder | null;
  /** Actions of which nobody knows yet what became of them. */
  readonly unsettled: number;
  /** Scans without an end. */
  readonly unfinished: number;
}

const leastMongo = '4.4';
const megabyte = 1024 * 1024;
const scarce = { warn: 1024 * megabyte, fail: 64 * megabyte };

export const storeOpen = 'store.open';

export function judgeStore(address: string, look: Seen<StoreLook>): readonly Check[] {
  if (look.kind === 'error') return [failedBy(storeOpen, look.error)];
  if (look.kind === 'none') return [skipped(storeOpen, look.why)];
  const { health, ...users } = look.value;
  return [
    judgeEngine(health),
    judgeLayout(address, health),
    judgeSpace(address, health),
    judgeDamage(address, health),
    ...judgeUsers(users),
  ];
}

/** #27: a database that is older works as far as anybody knows; the seed asks for 4.4. */
function judgeEngine({ engine: { name, version } }: StoreHealthReport): Check {
  const id = 'store.version';
  if (name === 'SQLite') return ok(id, `The embedded store, SQLite ${version ?? ''}.`);
  if (version === null) {
    return skipped(
      id,
      'the database does not say its version',
      'Grant the user the action `buildInfo`, or ask `mongod --version`.',
    );
  }
  if (isAtLeast(version, leastMongo)) return ok(id, `MongoDB ${version}.`);
  const remedy = `Update MongoDB, or go on with \`--accept ${id}\`.`;
  return fail(id, `MongoDB ${version}: ${leastMongo} or later is required.`, remedy);
}

function judgeLayout(address: string, { layout, knownLayout }: StoreHealthReport): Check {
  const id = 'store.layout';
  if (layout === null) return info(id, `${address} holds nothing yet.`);
  if (layout === knownLayout) return ok(id, `Layout ${layout}, the newest.`);
  if (layout > knownLayout) {
    const message = `${address} has layout ${layout}, and this Trueup knows layouts up to ${knownLayout}.`;
    return fail(id, message, 'Use the version of Trueup that wrote it.');
  }
  return info(id, `${address} has layout ${layout}: the next run that writes brings it to ${knownLayout}.`);
}

function judgeSpace(address: string, { freeBytes, bytes }: StoreHealthReport): Check {
  const id = 'store.space';
  if (freeBytes === null) return skipped(id, 'the store does not say how much space is left');
  const message = `${sizeOf(freeBytes)} are free where ${address} lies; it takes ${sizeOf(bytes)}.`;
  const remedy = 'Make room, or move the store to a larger disk.';
  if (freeBytes < scarce.fail) return fail(id, message, remedy);
  return freeBytes < scarce.warn ? warn(id, message, remedy) : ok(id, message);
}

function sizeOf(bytes: number): string {
  const sizes = [
    [1024 * megabyte, 'GB'],
    [megabyte, 'MB'],
    [1024, 'KB'],
  ] as const;
  const [size, unit] = sizes.find(([least]) => bytes >= least) ?? [1, 'bytes'];
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`;
}

function judgeDamage(address: string, { damage, engine }: StoreHealthReport): Check {
  const id = 'store.integrity';
  if (damage !== null) return fail(id, `${address} is damaged: ${damage}.`, 'Restore it from a backup.');
  if (engine.name === 'SQLite') return ok(id, 'The database is whole.');
  return skipped(id, 'MongoDB looks after its files itself', 'Run `db.collection.validate()` where you doubt it.');
}

function judgeUsers({ heldBy, unsettled, unfinished }: Omit<StoreLook, 'health'>): readonly Check[] {
  const lease =
    heldBy === null
      ? ok('store.lease', 'Nobody works for the provider just now.')
      : info(
          'store.lease',
          `\`trueup ${heldBy.command}\` works for the provider (process ${heldBy.pid} on ${heldBy.host}).`,
        );
  const open = [
    ...(unsettled > 0 ? [`${count(unsettled, 'action')} without an outcome`] : []),
    ...(unfinished > 0 ? [`${count(unfinished, 'scan')} without an end`] : []),
  ];
  const id = 'store.runs';
  if (open.length === 0) return [lease, ok(id, 'Every run has come to its end.')];
  if (heldBy !== null) return [lease, info(id, `There are ${open.join(' and ')}: of the run that is under way.`)];
  return [
    lease,
    warn(
      id,
      `There are ${open.join(' and ')}, of a run that died.`,
      'Run `trueup apply` or `trueup scan`: the next one takes it up.',
    ),
  ];
}
