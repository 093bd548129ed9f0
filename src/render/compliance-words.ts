/** What every rendering of a compliance report says in the same words. */
import {
  type BaselineResult,
  type CheckResult,
  type Compliance,
  severities,
  type Unknown,
} from '../model/compliance.ts';
import { foreign, type Phrase } from './phrase.ts';
import { age, counted, grouped, minute, valueText } from './words.ts';

const signs: Readonly<Record<CheckResult['op'], string>> = {
  equals: '=',
  notEquals: '≠',
  atLeast: '≥',
  atMost: '≤',
  in: 'in',
  notIn: 'not in',
  matches: 'matches',
  exists: 'is reported',
  notExists: 'is not reported',
};

/** `smb-signing: smb.requireSigning = on` */
export function demandPhrase({ check, path, op, value }: Pick<CheckResult, 'check' | 'path' | 'op' | 'value'>): Phrase {
  const name: Phrase = check === path ? [] : [foreign(check), ': '];
  return [...name, foreign(path), ` ${signs[op]}`, ...(value === null ? [] : [' ', foreign(valueText(value))])];
}

/** `87.5 %`; what has no verdict has no share. */
export function scoreWords(score: number | null): string {
  return score === null ? 'no data' : `${score} %`;
}

/** `2 of 11 devices fail`; unknown ones do not count. Of one device: `fails`. */
export function failWords({ counts: { passed, failed, unknown } }: CheckResult): string {
  if (passed + failed === 0) return unknown === 0 ? 'no device' : 'unknown';
  if (passed + failed === 1) return failed === 1 ? 'fails' : 'passes';
  if (failed === 0) return counted(passed, 'device passes', 'devices pass');
  return `${grouped(failed)} of ${grouped(passed + failed)} devices fail`;
}

/** `posture 2026-03-02 09:14Z (6 min old, answers up to 1 day older)` */
export function postureWords({ scan: { at, ageSeconds, maxAgeSeconds } }: Compliance): string {
  if (at === null) return 'no posture';
  const older = maxAgeSeconds < 60 ? '' : `, answers up to ${spanWords(maxAgeSeconds)} older`;
  return `posture ${minute(at)} (${age(ageSeconds)}${older})`;
}

function spanWords(seconds: number): string {
  if (seconds % 86_400 === 0) return counted(seconds / 86_400, 'day');
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${Math.ceil(seconds / 60)} min`;
}

/** `12 devices selected · 11 observed · 1 left out` */
export function devicesWords({ selected, observed, leftOut }: Compliance['devices']): string {
  const words = [`${counted(selected, 'device')} selected`, `${grouped(observed)} observed`];
  return [...words, ...(leftOut === 0 ? [] : [`${grouped(leftOut)} left out`])].join(' · ');
}

/** The last line: `Compliance 91.2 %: 812 checks passed, 78 failed, 41 unknown, on 40 devices.` */
export function complianceVerdict({ outcome, counts, score, devices }: Compliance): string {
  const { passed, failed, unknown } = counts;
  const { selected, observed } = devices;
  const on = `on ${counted(selected, 'device')}`;
  if (outcome === 'no-data')
    return unknown === 0 ? 'No data.' : `No data: ${counted(unknown, 'check')} unknown, ${on}.`;
  const open = unknown === 0 ? '' : `, ${grouped(unknown)} unknown`;
  const told = `${counted(passed, 'check')} passed, ${grouped(failed)} failed${open}, ${on}.`;
  if (outcome !== 'too-few') return `Compliance ${scoreWords(score)}: ${told}`;
  return `Too little data: ${grouped(observed)} of ${counted(selected, 'device')} were observed. ${scoreWords(score)}: ${told}`;
}

/** Failing ones first, worst first; then those of which something, or all, is unknown; then what passed. */
export function sortedChecks(baseline: BaselineResult): CheckResult[] {
  const shared = sharedUnknown(baseline);
  const rank = (check: CheckResult): number => {
    const { passed, failed } = check.counts;
    if (failed > 0) return 0;
    if (passed === 0) return 2;
    return ownUnknown(check, shared).length > 0 ? 1 : 3;
  };
  return baseline.checks.toSorted(
    (a, b) =>
      rank(a) - rank(b) ||
      (rank(a) < 3 ? severities.indexOf(a.severity) - severities.indexOf(b.severity) : 0) ||
      b.counts.failed - a.counts.failed,
  );
}

/** What is unknown of every check for the same reason, since the devices said nothing: it is told once. */
export function sharedUnknown({ checks }: BaselineResult): readonly Unknown[] {
  const [first, ...others] = checks;
  if (first === undefined) return [];
  return first.unknown.filter((one) => others.every(({ unknown }) => unknown.some((other) => isAlike(one, other))));
}

export function ownUnknown({ unknown }: CheckResult, shared: readonly Unknown[]): readonly Unknown[] {
  return unknown.filter((one) => !shared.some((other) => isAlike(one, other)));
}

function isAlike(a: Unknown, b: Unknown): boolean {
  return a.why === b.why && a.devices.length === b.devices.length;
}

/** What a report was narrowed to; null: nothing. */
export function narrowedPhrase({ only }: Compliance): Phrase | null {
  if (only === null) return null;
  return [
    'only',
    ...(only.baseline === null ? [] : [' baseline ', foreign(only.baseline)]),
    ...(only.device === null ? [] : [' device ', foreign(only.device)]),
  ];
}
