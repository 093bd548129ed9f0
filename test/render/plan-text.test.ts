import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { planText } from '../../src/render/plan-text.ts';
import { cellWidth } from '../../src/render/width.ts';
import { expectGolden } from '../golden.ts';
import {
  computers,
  corp,
  domainAdmins,
  helpdesk,
  inventory,
  member,
  membership,
  plan,
  recovery,
} from '../reconcile/world.ts';
import { crowd } from './crowd.ts';
import { hostile, planWith } from './hostile.ts';
import {
  driftMix,
  empty,
  endOfOfflineAccess,
  firstRun,
  inWaves,
  notActedOn,
  overBudget,
  providerOff,
  tooFewObserved,
} from './plans.ts';
import { rotatedByHand, rotations } from './rotations.ts';

const brief = { color: false, devices: false };
const whole = { color: false, devices: true };

const plans: Readonly<Record<string, () => Plan>> = {
  empty,
  'first-run': firstRun,
  'drift-mix': driftMix,
  'over-budget': overBudget,
  'too-few-observed': tooFewObserved,
  'end-of-offline-access': endOfOfflineAccess,
  'provider-off': providerOff,
  'not-acted-on': notActedOn,
  hostile,
  crowd,
  'in-waves': inWaves,
  rotations,
  'rotated-by-hand': rotatedByHand,
};

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

/** Lines below the one that has `text` in it, down to the next of its own kind. */
function below(lines: readonly string[], text: string): string {
  const at = lines.findIndex((line) => line.includes(text));
  expect(at).toBeGreaterThan(-1);
  const end = lines.findIndex((line, index) => index > at && !line.startsWith('      '));
  return lines.slice(at + 1, end).join('\n');
}

describe('golden texts', () => {
  it.each(Object.entries(plans))('%s', (name, make) => {
    expectGolden(`plan-${name}.txt`, planText(make(), brief));
  });

  it('with every device by name', () => {
    expectGolden('plan-drift-mix-devices.txt', planText(driftMix(), whole));
  });

  it('on a narrow terminal, in colour', () => {
    expectGolden('plan-drift-mix-narrow-color.txt', planText(driftMix(), { color: true, devices: false, columns: 70 }));
  });
});

describe('the text', () => {
  it.each(Object.entries(plans))('of equal plans is equal, and never speaks of success (%s)', (_, make) => {
    const text = planText(make(), brief);
    expect(planText(structuredClone(make()), brief)).toBe(text);
    expect(text).not.toMatch(/success|succeed/i);
    expect(text.endsWith('\n')).toBe(true);
    expect(text).not.toMatch(/ \n|\n\n\n/);
  });

  it.each(Object.entries(plans))('without its colours is the text without colours (%s)', (_, make) => {
    const colored = planText(make(), { ...brief, color: true });
    expect(colored).toContain('\u001b[');
    expect(colored.replace(/\u001b\[\d+m/g, '')).toBe(planText(make(), brief));
  });

  it('of ten thousand devices fits a screen', () => {
    const lines = planText(crowd(), brief).split('\n');
    expect(lines.length).toBeLessThan(60);
  });

  it('names every device and every change under --devices', () => {
    const made = crowd();
    const text = planText(made, whole);
    const words = new Set(text.split(/\s+/));
    for (const { devices } of [...made.changes, ...made.held]) {
      for (const device of devices) expect(words.has(device)).toBe(true);
    }
    expect(text).not.toMatch(/and [\d,]+ more/);
  });

  it.each([60, 80, 100, 120])('has no line wider than %d cells but the last, which scripts read', (columns) => {
    for (const make of Object.values(plans)) {
      const made = make();
      for (const devices of [false, true]) {
        const lines = planText(made, { color: false, devices, columns }).trimEnd().split('\n');
        const widest = Math.max(...lines.slice(0, -1).map(cellWidth));
        expect(widest).toBeLessThanOrEqual(columns);
        expect(lines.at(-1)).toMatch(/^(?:Plan: |No changes\. ).*\.$/);
      }
    }
  });
});

describe('what a reader must not miss', () => {
  it('#116 a consequence stands under its change, on every line that has one', () => {
    const lines = planText(endOfOfflineAccess(), brief).split('\n');
    for (const from of ['custom', 'os-best-practice']) {
      expect(below(lines, `offlineAccess ${from} → Unmanaged`)).toMatch(/! NPS-D deletes the alternate administrator/);
    }
  });

  it('#116 is shown too where its kind of change is summed up', () => {
    const made = endOfOfflineAccess();
    const [first] = made.changes;
    if (first === undefined) throw new Error('the plan has no change');
    const changes = Array.from({ length: 40 }, (_, index) => ({
      ...first,
      id: `c${index + 1}`,
      from: `strategy-${index}`,
      consequence: index === 39 ? first.consequence : null,
    }));
    const lines = planText({ ...made, changes }, brief).split('\n');
    expect(lines.join('\n')).toContain('(34 other values) → Unmanaged');
    expect(below(lines, 'offlineAccess strategy-39')).toContain('! NPS-D deletes');
  });

  it('a refused plan says so in its last line, with its reason above', () => {
    const text = planText(overBudget(), brief);
    expect(lastLine(text)).toMatch(/^Plan: .* Refused: nothing is sent\.$/);
    expect(text).toContain('removals 3 of 2 (over)');
    expect(text).toContain('spec.budgets.removals in rollout.yaml:9');
    expect(lastLine(planText(tooFewObserved(), brief))).toMatch(/Refused: nothing is sent\.$/);
  });

  it('what --only left out: the first line says to what, and the last claims nothing of the rest', () => {
    const lines = planText({ ...empty(), only: { policy: 'breakglass' } }, brief)
      .trimEnd()
      .split('\n');
    expect(lines[0]).toMatch(/^plan \w{8} {3}config ddddddd {3}only policy=breakglass {3}scan /);
    expect(lines.at(-1)).toBe('No changes. 3 of 3 devices in scope observed. Only one policy was looked at.');
    const ofDevice = planText({ ...empty(), only: { device: 'x'.repeat(200) } }, { ...brief, columns: 60 }).split('\n');
    expect(Math.max(...ofDevice.slice(0, 5).map(cellWidth))).toBeLessThanOrEqual(60);
  });

  it('a hold says what would release it where there are few', () => {
    expect(planText(driftMix(), brief)).toContain('to release: Declare protect: JITA or Deny in a ComputerPolicy');
  });

  it('pending devices have a line of their own (#190)', () => {
    expect(planText(driftMix(), brief)).toMatch(/^pending: 1 device has not answered an earlier action yet: SRV-8$/m);
  });

  it('what nobody acts on yet is named with its file and line', () => {
    const text = planText(notActedOn(), brief);
    expect(text).toMatch(/not acted on yet/);
    expect(text).toMatch(/on-call · AccessGrant +on-call\.yaml:3\n +spec\.from, spec\.until\n/);
  });

  it('#139 zero devices are no data', () => {
    const nothing = planText(plan({ desired: { computers: [computers({ protect: 'JITA' })] } }), brief);
    expect(nothing).toContain('no data: no device was expected');
    expect(lastLine(nothing)).toBe('No changes. No data: no device is in scope.');
    expect(nothing).not.toMatch(/%|0 of 0/);
    const silent = { ...tooFewObserved(), changes: [] };
    const unseen = { ...silent, scan: { ...silent.scan, observed: 0 } };
    expect(lastLine(planText(unseen, brief))).toMatch(
      /^No changes\. No data: none of 4 devices in scope was observed\./,
    );
  });

  it('two members of one name are told apart by their SIDs', () => {
    const state = inventory({ admins: [domainAdmins, `${corp}-2000`, `${corp}-2001`] });
    const twins = {
      ...state,
      groups: state.groups.map((group) => ({
        ...group,
        members: group.members.map((one) => (/-200\d$/.test(one.sid) ? { ...one, name: 'CORP\\Domain Users' } : one)),
      })),
    };
    const exact = membership({ mode: 'exact', members: [member(domainAdmins)] });
    const desired = { computers: [computers({ recovery: recovery(domainAdmins) })], memberships: [exact] };
    const made = plan({ desired, seen: [{ id: '1', state: twins }] });
    const text = planText(made, { ...brief, columns: 120 });
    expect(text).toContain(`CORP\\Domain Users (${corp}-2000) ← Administrators`);
    expect(text).toContain(`CORP\\Domain Users (${corp}-2001) ← Administrators`);
  });

  it('a group without a well-known name is shown by its SID', () => {
    const group = 'S-1-5-32-999';
    const desired = {
      computers: [computers({ recovery: recovery(domainAdmins) })],
      memberships: [
        membership({ group, members: [member(helpdesk)] }),
        membership({ name: 'remote', group: 'S-1-5-32-555', members: [member(helpdesk)] }),
      ],
    };
    const state = inventory({ groups: { [group]: [], 'S-1-5-32-555': [] } });
    const text = planText(plan({ desired, seen: [{ id: '1', state }] }), brief);
    expect(text).toContain(`${helpdesk} → ${group}`);
    expect(text).toContain(`${helpdesk} → Remote Desktop Users`);
  });
});

describe('hostile names', () => {
  it('leave no control character in any line, and no line of their own', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 60 });
    fc.assert(
      fc.property(
        fc.array(anything, { maxLength: 8 }),
        anything.map((name) => `x${name}`),
        anything,
        (members, device, description) => {
          const made = planWith({ members, device, description });
          for (const view of [brief, whole]) {
            const text = planText(made, view);
            expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
            expect(text.match(/^Plan: /gm)).toHaveLength(1);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('who made a drift', () => {
  function reasonOf(actors: NonNullable<Plan['changes'][number]['actors']>, devices: number): string {
    const made = driftMix();
    const change = made.changes.find(({ reason }) => reason === 'drifted');
    if (change === undefined) throw new Error('nothing has drifted');
    const labels = Array.from({ length: devices }, (_, index) => `SRV-${index}`);
    const text = planText({ ...made, changes: [{ ...change, actors, devices: labels }] }, { ...brief, columns: 400 });
    return /drift.*/.exec(text)?.[0] ?? '';
  }

  it('is counted over the devices, and said once where it is one', () => {
    const helpdeskUser = { actor: 'CORP\\helpdesk-7', devices: 38 };
    expect(reasonOf([helpdeskUser, { actor: null, devices: 3 }], 41)).toBe(
      'drift: 38 by CORP\\helpdesk-7, 3 unattributed',
    );
    expect(reasonOf([helpdeskUser], 38)).toBe('drift: by CORP\\helpdesk-7');
    expect(reasonOf([{ actor: null, devices: 17 }], 17)).toBe('drift: unattributed');
    const many = ['a', 'b', 'c', 'd'].map((actor) => ({ actor, devices: 2 }));
    expect(reasonOf([...many, { actor: null, devices: 1 }], 9)).toBe(
      'drift: 2 by a, 2 by b, 2 by c, 3 by others or unattributed',
    );
    expect(reasonOf([{ actor: 'CORP\\\u001b[31m\n', devices: 1 }], 1)).toBe('drift: by CORP\\\\u{1B}[31m\\u{A}');
  });
});
