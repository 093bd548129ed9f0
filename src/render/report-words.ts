import type { ReportHead } from '../model/report.ts';
import { age, counted, grouped, minute } from './words.ts';

/** `scan 2026-03-02 09:14Z (6 min old), 9,812 of 9,950 devices answered`; the ledger is of many scans. */
export function scanWords({ scan, report }: Pick<ReportHead, 'scan' | 'report'>): string {
  if (scan === null) return report === 'drift' ? 'all that is on record' : 'no scan';
  const { at, ageSeconds, expected, answered } = scan;
  const time = minute(new Date(at).toISOString());
  return `scan ${time} (${age(ageSeconds)}), ${grouped(answered)} of ${counted(expected, 'device')} answered`;
}
