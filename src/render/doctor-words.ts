/** The words of a diagnosis that text, markdown and HTML share. */
import { type Check, type CheckStatus, checkStatuses, countOf, type DoctorReport } from '../model/doctor.ts';
import { counted } from './words.ts';

export const statusWords: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  info: 'info',
  warn: 'warning',
  fail: 'failed',
  skipped: 'not looked at',
};

const titles: Readonly<Record<string, string>> = {
  host: 'This machine',
  npsd: 'Records of NPS-D',
  store: 'The store',
  tanium: 'Tanium',
  option: 'Options',
  content: 'Tanium content',
  devices: 'Devices',
  bulk: 'Bulk scan',
  device: 'The target',
  row: 'Validation',
};

export interface Part {
  readonly title: string;
  readonly checks: readonly Check[];
}

/** By what stands before the first dot, in the order in which they come. */
export function partsOf({ checks }: DoctorReport): readonly Part[] {
  const parts = new Map<string, Check[]>();
  for (const check of checks) {
    const [key = ''] = check.id.split('.');
    const part = parts.get(key);
    if (part) part.push(check);
    else parts.set(key, [check]);
  }
  return [...parts].map(([key, of]) => ({ title: titles[key] ?? key, checks: of }));
}

/** `1 failed, 2 warnings, 40 ok` */
export function doctorVerdict({ checks, requests, seconds }: DoctorReport): string {
  const first = checks.find(({ status }) => status === 'fail');
  const counts = checkStatuses.flatMap((status) => {
    const count = countOf(checks, status);
    return count === 0 ? [] : [status === 'warn' ? counted(count, 'warning') : `${count} ${statusWords[status]}`];
  });
  const effort = `${counted(requests, 'request')} to Tanium in ${seconds} s`;
  const next = first === undefined ? '' : ` First to mend: ${first.id}.`;
  return `Doctor: ${counts.join(', ')}; ${effort}.${next}`;
}
