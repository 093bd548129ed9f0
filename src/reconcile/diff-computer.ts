/** A computer's record against the `ComputerPolicy`: the settings that NPS-D keeps for it. */
import type { PolicyRef } from '../model/desired.ts';
import type { PlanValue } from '../model/plan.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import type { ComputerSettings, Declared } from './policy.ts';
import { compare, type Diff, lack, type Wanted } from './wanted.ts';

/** The part of a record that policies speak of. */
export type RecordedSettings = Pick<RecordedComputer, 'scan' | 'protect' | 'offlineAccess' | 'edrIntegration'>;

/** What a computer is when it has just been enrolled. */
export const newComputer: RecordedSettings = {
  scan: false,
  protect: 'Disabled',
  offlineAccess: 'Unmanaged',
  edrIntegration: null,
};

const noFurther: Pick<Wanted, 'operations' | 'sid' | 'impliedBy' | 'obstacle' | 'dependsOn'> = {
  operations: [],
  sid: null,
  impliedBy: null,
  obstacle: null,
  dependsOn: null,
};

interface Setting {
  readonly field: 'scan' | 'protect' | 'offlineAccess' | 'edrIntegration';
  readonly policy: PolicyRef;
  readonly from: PlanValue;
  readonly to: string;
  readonly holds: boolean;
  readonly consequence: string | null;
}

/** `providerKey`: what older records say in place of the provider's name (npsd-domain.md C4). */
export function diffComputer(
  diff: Diff,
  settings: ComputerSettings,
  record: RecordedSettings,
  provider: { readonly name: string; readonly provider: string },
): void {
  for (const setting of settingsOf(settings, record, provider)) {
    const { field, policy, from, to, holds, consequence } = setting;
    compare(diff, { key: `computer ${field}`, value: to }, holds, () => ({
      ...noFurther,
      policy,
      kind: 'computer.set',
      subject: { field },
      from,
      to,
      consequence,
    }));
  }
}

/** Makes the record, with everything that is declared of it; under `observe` bare, and the rest is a difference. */
export function enrolment(
  diff: Diff,
  settings: ComputerSettings,
  enroll: Declared<boolean>,
  provider: { readonly name: string; readonly provider: string },
): void {
  const observe = settings.enforcement?.value === 'observe';
  const to: Record<string, PlanValue> = {};
  if (observe) diffComputer(diff, settings, newComputer, provider);
  else {
    for (const setting of settingsOf(settings, newComputer, provider)) {
      const { field, policy: rule, to: desired } = setting;
      to[field] = desired;
      const subject = { field };
      lack(diff, `computer ${field}`, () => ({
        kind: 'computer.set',
        subject,
        desired,
        observed: null,
        rule,
        why: null,
      }));
    }
  }
  compare(diff, { key: 'computer', value: 'enrolled' }, false, () => ({
    ...noFurther,
    policy: enroll.policy,
    kind: 'computer.enroll',
    subject: {},
    from: null,
    to,
    consequence: null,
  }));
}

function settingsOf(
  { scan, protect, offlineAccess, edrIntegration }: ComputerSettings,
  record: RecordedSettings,
  provider: { readonly name: string; readonly provider: string },
): Setting[] {
  const settings: Setting[] = [];
  if (scan) {
    const holds = record.scan === scan.value;
    const from = record.scan === null ? null : enabledText(record.scan);
    settings.push({ field: 'scan', policy: scan.policy, from, to: enabledText(scan.value), holds, consequence: null });
  }
  if (protect) {
    const holds = record.protect === protect.value;
    settings.push({
      field: 'protect',
      policy: protect.policy,
      from: record.protect,
      to: protect.value,
      holds,
      consequence: null,
    });
  }
  if (offlineAccess) {
    const holds = record.offlineAccess === offlineAccess.value;
    settings.push({
      field: 'offlineAccess',
      policy: offlineAccess.policy,
      from: record.offlineAccess,
      to: offlineAccess.value,
      holds,
      consequence: holds ? null : endOfOfflineAccess,
    });
  }
  if (edrIntegration) {
    const byKey = record.edrIntegration === provider.provider && edrIntegration.value === provider.name;
    settings.push({
      field: 'edrIntegration',
      policy: edrIntegration.policy,
      from: record.edrIntegration,
      to: edrIntegration.value,
      holds: byKey || record.edrIntegration === edrIntegration.value,
      consequence: null,
    });
  }
  return settings;
}

/** Of the record, since the device does not know who manages its accounts (#116, npsd-domain.md 1.3). */
const endOfOfflineAccess =
  'NPS-D deletes the alternate administrator and enables RID 500 again at its next scan of the device.';

function enabledText(value: boolean): string {
  return value ? 'Enabled' : 'Disabled';
}
