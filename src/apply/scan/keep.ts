/** What a scan leaves in the store of each computer: written whole or not at all, and only what was understood (#18). */
import type { ComputerNote } from '../../model/recorded.ts';
import type { ScanNote } from '../../model/scan.ts';
import type { DeviceRow } from '../../ports.ts';
import type { ScanContext } from './context.ts';
import type { ScanResult } from './result.ts';

/** `scanTs`: ISO time that all results of the run have in common. Answers how many devices answer otherwise than before. */
export async function keepResults(
  { store, assertHeld }: Pick<ScanContext, 'store' | 'assertHeld'>,
  { run, scanTs }: { readonly run: string; readonly scanTs: string },
  results: readonly ScanResult[],
): Promise<number> {
  if (results.length === 0) return 0;
  await assertHeld();
  const rows: DeviceRow[] = [];
  const notes: ComputerNote[] = [];
  for (const { record, answer } of results) {
    if (answer === null) continue;
    const { row, machineSid } = answer;
    rows.push(row);
    // Who it is, as soon as it is known: a later scan finds it by its Computer ID, whatever it is called then.
    const bound = record.computerId === null ? { computerId: row.computerId } : {};
    const known = record.machineSid === null && machineSid !== null ? { machineSid } : {};
    if ('computerId' in bound || 'machineSid' in known) notes.push({ id: record.id, ...bound, ...known });
  }
  const updated = await store.saveAnswers('inventory', run, scanTs, rows);
  await store.note(notes);
  await store.noteScans(results.map((result) => scanOf(result, scanTs)));
  return updated;
}

function scanOf({ record, source, failure, message, duration, answer }: ScanResult, scanTs: string): ScanNote {
  return {
    id: record.id,
    lastScan: {
      success: failure === null,
      msg: message,
      error: failure,
      // Of a whole run nobody knows what one device took: as tenths, equal results stay equal.
      duration: Math.round(duration * 10) / 10,
      scanTs,
      source,
    },
    administrators: answer?.administrators ?? null,
  };
}
