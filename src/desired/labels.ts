/** The labels of devices, from the CSV that `EdrProvider.spec.deviceLabels` names. */
import { parse } from 'csv-parse/sync';
import { TrueupError } from '../errors.ts';
import type { Desired, PolicyRef, RolloutPolicy } from '../model/desired.ts';
import type { Selector } from '../model/selector.ts';
import { didYouMean } from './near.ts';

/** Computer name in lower case → label → value. */
export type DeviceLabels = ReadonlyMap<string, Readonly<Record<string, string>>>;

export interface LabelTable {
  /** Of the header. */
  readonly names: readonly string[];
  readonly devices: DeviceLabels;
}

/**
 * The first column is the computer name, with or without its domain; the header names the labels. An empty cell is no
 * label. Throws TRUEUP_CONFIG_INVALID, with `file:line`, for what is no such table, and for a computer that has two rows.
 */
export function parseLabels(text: string, file: string): LabelTable {
  const [header, ...rows] = recordsIn(text, file);
  if (header === undefined) throw invalid(file, 1, 'the file has no header');
  const names = header.cells.slice(1);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (names.some((name) => name === '')) throw invalid(file, header.line, 'a column of the header has no name');
  if (twice !== undefined) throw invalid(file, header.line, `the header has two columns ${twice}`);
  const devices = new Map<string, Readonly<Record<string, string>>>();
  for (const { line, cells } of rows) {
    const computer = (cells[0] ?? '').toLowerCase();
    if (computer === '') throw invalid(file, line, 'the row names no computer');
    if (cells.length !== header.cells.length) {
      throw invalid(file, line, `the row has ${cells.length} columns, the header ${header.cells.length}`);
    }
    if (devices.has(computer)) throw invalid(file, line, `${cells[0]} has a row already`);
    const labels = names.map((name, index) => [name, cells[index + 1] ?? ''] as const);
    devices.set(computer, Object.fromEntries(labels.filter(([, value]) => value !== '')));
  }
  return { names, devices };
}

/** Throws TRUEUP_SELECTOR_UNKNOWN for a selector by a label that `file` has no column for: it would select nothing. */
export function refuseUnknownLabels(
  desired: Pick<Desired, 'computers' | 'memberships' | 'accounts' | 'exclusions' | 'baselines' | 'rollout'>,
  names: readonly string[],
  file: string,
): void {
  const policies: readonly { readonly ref: PolicyRef; readonly selector: Selector }[] = [
    ...desired.computers,
    ...desired.memberships,
    ...desired.accounts,
    ...desired.exclusions,
    ...desired.baselines,
    ...wavesOf(desired.rollout),
  ];
  for (const { ref, selector } of policies) {
    const unknown = labelsIn(selector).find((label) => !names.includes(label));
    if (unknown === undefined) continue;
    const hint = didYouMean(unknown, names);
    throw new TrueupError(
      'TRUEUP_SELECTOR_UNKNOWN',
      `${ref.kind} ${ref.name} selects by the label ${JSON.stringify(unknown)}, and ${file} has no such column.${hint}`,
      {
        cause: 'The header of the file of EdrProvider.spec.deviceLabels names the labels, letter by letter.',
        remedy: 'Mend the label, or add the column.',
        source: `${ref.source.file}:${ref.source.line}`,
      },
    );
  }
}

function wavesOf({ ref, canaries, waves }: RolloutPolicy): { readonly ref: PolicyRef; readonly selector: Selector }[] {
  if (ref === null) return [];
  return [...(canaries === null ? [] : [canaries]), ...waves].flatMap(({ selector, source }) =>
    selector === null ? [] : [{ ref: { ...ref, source }, selector }],
  );
}

function labelsIn({ labels, exclude }: Selector): string[] {
  return [...Object.keys(labels ?? {}), ...(exclude ?? []).flatMap(labelsIn)];
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function recordsIn(text: string, file: string): readonly CsvRecord[] {
  const records: CsvRecord[] = [];
  try {
    parse(text, {
      bom: true,
      relax_column_count: true,
      skip_empty_lines: true,
      trim: true,
      on_record: (cells: string[], { lines }: { lines: number }) => {
        records.push({ line: lines, cells });
        return null;
      },
    });
  } catch (origin) {
    const line = (origin as { lines?: number }).lines ?? 1;
    throw invalid(file, line, 'this is not a CSV file: a quote is missing or in the wrong place', origin);
  }
  return records;
}

function invalid(file: string, line: number, why: string, origin?: unknown): TrueupError {
  return new TrueupError('TRUEUP_CONFIG_INVALID', `The device labels cannot be read: ${why}.`, {
    source: `${file}:${line}`,
    remedy: 'The first column is the computer name, the header names the labels; mend the line.',
    origin,
  });
}
