/** `trueup drift`: the ledger of what was found otherwise than declared. */
import type { IsWanted } from '../apply/attribute.ts';
import { withLease } from '../apply/lease.ts';
import { TrueupError } from '../errors.ts';
import { isCalled } from '../model/device-name.ts';
import type { DriftRecord } from '../model/drift.ts';
import { secondsOf } from '../model/duration.ts';
import { driftHtml } from '../render/drift-html.ts';
import { driftJson } from '../render/drift-json.ts';
import { driftMarkdown } from '../render/drift-markdown.ts';
import { driftText } from '../render/drift-text.ts';
import { counted } from '../render/words.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { leaseContext, openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface DriftOptions extends SessionOptions {
  readonly format: Format;
  /** Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID. */
  readonly device: string | null;
  /** A time, a day, or a duration such as 24h; null: everything. */
  readonly since: string | null;
  readonly devices: boolean;
  /** The devices are asked first who made what is open. */
  readonly attribute: boolean;
  /** Without it, who would be asked is said only. */
  readonly yes: boolean;
}

/** Exits 0 where nothing of it is open, else 2. */
export async function drift(options: DriftOptions, io: Io): Promise<number> {
  if (options.yes && !options.attribute) {
    throw new TrueupError('TRUEUP_USAGE', '--yes is for --attribute: nothing else of `trueup drift` does anything.');
  }
  const asks = options.attribute && options.yes;
  const session = await openSession(options, io, asks ? 'write' : 'read');
  try {
    const since = options.since === null ? null : momentOf(options.since, Date.now());
    if (options.attribute) {
      const isWanted: IsWanted = (record) =>
        (options.device === null || isOf(record, options.device)) &&
        (since === null || Date.parse(record.lastSeen) >= Date.parse(since));
      const told = asks ? await askDevices(session, isWanted, io) : await wouldAsk(session, isWanted);
      if (io.verbosity !== 'quiet') io.err(`${told}\n`);
    }
    const records: DriftRecord[] = [];
    for await (const record of session.store.drift(since === null ? {} : { since })) {
      if (options.device === null || isOf(record, options.device)) records.push(record);
    }
    if (options.device !== null && records.length === 0) await refuseStranger(session.store, options.device);
    io.out(rendered(records, options, io));
    return records.some(({ state }) => state !== 'resolved' && state !== 'accepted') ? 2 : 0;
  } finally {
    await session.close();
  }
}

async function wouldAsk({ store }: Session, isWanted: IsWanted): Promise<string> {
  const { unattributed } = await import('../apply/attribute.ts');
  const open = await unattributed(store, isWanted);
  return open.size === 0 ? nobodyToAsk : `${counted(open.size, 'device')} would be asked who made what; --yes asks.`;
}

async function askDevices({ store, configuration, context }: Session, isWanted: IsWanted, io: Io): Promise<string> {
  const { attribute } = await import('../apply/attribute.ts');
  const status = statusOf(io);
  try {
    const lease = leaseContext(store, 'drift', io, status.tell);
    const { asked, answered } = await withLease(lease, configuration.provider.name, 0, (held) =>
      attribute(context(status.tell, held), isWanted),
    );
    return asked === 0 ? nobodyToAsk : `${answered} of ${counted(asked, 'device')} told who made what.`;
  } finally {
    status.clear();
  }
}

const nobodyToAsk =
  'No device is to be asked: whatever is open on record is attributed, was asked for before, or leaves no event. ' +
  'What a plan shows comes on record with the next apply or reconcile.';

function rendered(records: readonly DriftRecord[], { format, devices }: DriftOptions, io: Io): string {
  if (format === 'json') return driftJson(records);
  if (format === 'markdown') return driftMarkdown(records);
  if (format === 'html') return driftHtml(records);
  return driftText(records, { ...viewOf(io), devices });
}

/** A label is the Computer Name, with `#COMPUTERID` where the name is not unique. */
function isOf({ device, computerId }: Pick<DriftRecord, 'device' | 'computerId'>, text: string): boolean {
  return isCalled({ name: device.replace(/#\d+$/, ''), computerId }, text);
}

/** A device without drift is good news, a name that nobody has is a slip of the pen. */
async function refuseStranger(
  store: { computers(): AsyncIterable<{ readonly name: string; readonly computerId: string | null }> },
  text: string,
): Promise<void> {
  for await (const computer of store.computers()) if (isCalled(computer, text)) return;
  throw new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No device is called ${text}.`);
}

/** ISO time. Throws TRUEUP_USAGE. */
function momentOf(text: string, now: number): string {
  if (/^[1-9]\d{0,8}[smhdw]$/.test(text)) return new Date(now - secondsOf(text) * 1000).toISOString();
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const isMoment = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(day);
  if (isMoment && !Number.isNaN(Date.parse(day))) return new Date(day).toISOString();
  throw new TrueupError(
    'TRUEUP_USAGE',
    `--since takes a time (2026-03-02T09:00:00Z), a day (2026-03-02) or a duration (24h), not ${JSON.stringify(text)}.`,
  );
}
