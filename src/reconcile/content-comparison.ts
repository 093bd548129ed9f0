/** Holds one object of Tanium's against what it should be, property by property. */
import type { ContentFinding, ContentSeverity, ContentVerdict } from '../model/content.ts';
import type { PlanValue } from '../model/plan.ts';

export interface Judged {
  readonly verdict: ContentVerdict;
  /** Whether it is missing and may be made. */
  readonly creatable: boolean;
  /** What would make it as it should be; none where it is not ours to change. */
  readonly fixes: readonly ContentFix[];
}

export interface ContentFix {
  /** The key of the document, `maxAge`; each at most once. */
  readonly property: string;
  readonly from: PlanValue;
  readonly to: PlanValue;
  /** Ids of the findings that it ends. */
  readonly ends: readonly string[];
  readonly consequence: string | null;
}

export interface Property {
  /** Of the finding's id, after the kind of the object. */
  readonly key: string;
  /** By its name in the Tanium console. */
  readonly property: string;
  readonly ok: boolean;
  readonly severity: ContentSeverity;
  readonly expected: string | null;
  readonly actual: string | null;
  /** Left out: `PROPERTY is ACTUAL, and should be EXPECTED.` */
  readonly message?: string;
  /** Left out: to set the property in the console. */
  readonly remedy?: string | null;
  /** Left out: Trueup does not change it. */
  readonly fix?: Fix | readonly Fix[];
}

type Fix = Pick<ContentFix, 'property' | 'from' | 'to'> & { readonly consequence?: string };

export interface Comparison {
  check(property: Property): void;
  end(state: ContentVerdict['state'], creatable?: boolean): Judged;
}

/** `object`: `sensor "NPS Admin Members"`. `place`: where it is found in the console. */
export function comparisonOf(kind: string, object: string, place: string): Comparison {
  const findings: ContentFinding[] = [];
  const fixes = new Map<string, ContentFix>();
  let compared = 0;
  return {
    check: ({ key, property, ok, severity, expected, actual, message, remedy, fix }) => {
      if (severity !== 'skipped') compared += 1;
      if (ok) return;
      const id = `${kind}.${key}`;
      findings.push({
        id,
        severity,
        object,
        property,
        expected,
        actual,
        message:
          message ??
          `${capital(object)}: ${property} is ${actual ?? 'not set'}, and should be ${expected ?? 'not set'}.`,
        remedy: remedy === undefined ? `Set ${property} to ${expected ?? 'nothing'} in Tanium: ${place}.` : remedy,
      });
      for (const one of [fix ?? []].flat()) {
        const known = fixes.get(one.property);
        fixes.set(one.property, { consequence: null, ...known, ...one, ends: [...(known?.ends ?? []), id] });
      }
    },
    end: (state, creatable = false) => ({
      verdict: { kind, object, state, compared, findings: findings.toSorted((a, b) => rank(a) - rank(b)) },
      creatable,
      fixes: state === 'foreign' ? [] : [...fixes.values()],
    }),
  };
}

const severities: readonly ContentSeverity[] = ['error', 'warning', 'info', 'skipped'];

function rank({ severity }: ContentFinding): number {
  return severities.indexOf(severity);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `Enabled`, as the console has it. */
export function onOff(value: boolean): string {
  return value ? 'Enabled' : 'Disabled';
}

/** `10 minutes`: whole in the largest unit that it is whole in. */
export function time(seconds: number): string {
  for (const [length, unit] of [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ] as const) {
    if (seconds >= length && seconds % length === 0) {
      const count = seconds / length;
      return `${count} ${unit}${count === 1 ? '' : 's'}`;
    }
  }
  return `${seconds} second${seconds === 1 ? '' : 's'}`;
}
