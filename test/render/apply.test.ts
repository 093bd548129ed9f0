import { describe, expect, it } from 'vitest';
import type { ApplyResult } from '../../src/model/apply.ts';
import { applyJson } from '../../src/render/apply-json.ts';
import { applyText } from '../../src/render/apply-text.ts';
import { expectGolden } from '../golden.ts';
import { driftMix } from './plans.ts';
import { validator } from './schema.ts';

const brief = { color: false, devices: false };
const plan = driftMix();

const done: ApplyResult = {
  run: 'a1b2c3d4e5f6',
  plan: plan.digest,
  actions: plan.actions.map(({ key, devices }) => ({
    key,
    devices: devices.length,
    ok: devices.length,
    failed: 0,
    pending: 0,
  })),
  converged: true,
  failed: [],
  pending: [],
  held: 0,
};

const mixed: ApplyResult = {
  ...done,
  actions: done.actions.map((action, index) =>
    index === 0
      ? { ...action, ok: 0, failed: 1 }
      : index === 1
        ? { ...action, ok: action.devices - 1, pending: 1 }
        : action,
  ),
  converged: false,
  failed: [{ device: 'SRV-4', code: 'in-use', message: 'the account has an open session' }],
  pending: ['SRV-1'],
  held: 6,
};

const source = { file: 'rollout.yaml', line: 9 };
const gate = { percent: 99, withinSeconds: 1200, source };
const inWaves: ApplyResult = {
  ...mixed,
  pending: [],
  gates: [
    { wave: 1, name: 'canaries', devices: 5, healthy: 5, passed: true, ...gate },
    { wave: 2, name: '10%', devices: 1240, healthy: 1203, passed: false, ...gate },
  ],
};

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

const stopped: ApplyResult = {
  ...done,
  converged: false,
  stopped: {
    code: 'TRUEUP_BUDGET_EXCEEDED',
    message:
      'The next action would take more than 24 hours allow of devices (spec.budgets.devices in rollout.yaml:5): another run spent some meanwhile.',
  },
};

describe('the text', () => {
  it('says why nothing further was sent, and what to do', () => {
    const text = applyText(stopped, brief, plan);
    expect(text.replaceAll(/\s+/g, ' ')).toContain(`! ${stopped.stopped?.message}`);
    expect(lastLine(text)).toBe('Not converged: the rest was not sent. Next: apply again once the budget allows it.');
    const off = { ...stopped, stopped: { code: 'TRUEUP_PROVIDER_OFF', message: 'It was turned off.' } } as const;
    expect(lastLine(applyText(off, brief, plan))).toContain('Next: turn the integration on and apply again.');
    expect(validator('apply')(JSON.parse(applyJson(stopped)))).toBe(true);
  });

  it('tells what each action did, who failed and why, who is awaited, what is held', () => {
    expectGolden('apply-mixed.txt', applyText(mixed, brief, plan));
    expectGolden('apply-converged.txt', applyText(done, brief, plan));
    expectGolden('apply-in-waves.txt', applyText(inWaves, brief, plan));
  });

  it('tells what was made in Tanium, and that the fleet is asked by the next run', () => {
    const [change] = plan.changes;
    if (change === undefined) throw new Error('no change');
    const made = {
      ...change,
      kind: 'content.create',
      subject: { object: 'sensor', content: 'NPS Admin Members' },
      devices: [],
    } as const;
    const first = { ...plan, changes: [made], actions: [], scan: { ...plan.scan, at: null } };
    const result = { ...done, actions: [], converged: false };
    const text = applyText(result, brief, first);
    expect(text).toContain('Tanium\n  ✓ create content sensor NPS Admin Members\n');
    expect(lastLine(text)).toBe(
      'Not converged: the fleet could not be asked before its sensor was made. Next: apply again, which asks it.',
    );
    const refused = {
      ...first,
      refusal: { code: 'TRUEUP_CONTENT_MISMATCH', message: 'No.' },
    } as unknown as typeof first;
    expect(applyText(result, brief, refused)).not.toContain('create content');
  });

  it('names actions by their keys where the plan is not at hand', () => {
    const text = applyText(done, brief);
    for (const { key } of done.actions) expect(text).toContain(key);
  });

  it('says at what stage an action is that only begins what another one ends', () => {
    const [first, ...rest] = plan.actions;
    if (first === undefined) throw new Error('no action');
    const begun = { ...plan, actions: [{ ...first, changes: [], stages: ['create', 'enable'] as const }, ...rest] };
    expect(applyText(done, brief, begun)).toContain(`${first.key}: create, enable `);
  });

  it('says Converged. only where a scan has shown it', () => {
    expect(lastLine(applyText(done, brief))).toBe('Converged.');
    expect(lastLine(applyText({ ...done, held: 4 }, brief))).toBe('Converged.');
    for (const result of [mixed, { ...done, converged: false }, { ...mixed, failed: [] }]) {
      const last = lastLine(applyText(result, brief));
      expect(last).toMatch(/^Not converged: .*\. Next: .*\.$/);
      expect(applyText(result, brief)).not.toContain('Converged.');
    }
  });

  it.each([
    ['failed', { failed: mixed.failed }, /1 device failed\. Next: mend what they report/],
    ['pending', { pending: ['SRV-1'] }, /1 device pending\. Next: apply again once/],
    ['held', { held: 2 }, /2 changes held back\. Next: see with `trueup plan --devices`/],
    ['nothing', {}, /the verifying scan found more to do\. Next: see with `trueup plan`/],
    ['unsent', { run: null, actions: [] }, /^Not converged: nothing was sent\./],
  ] as const)('says what remains and what to do next (%s)', (_, parts, last) => {
    expect(lastLine(applyText({ ...done, converged: false, ...parts }, brief))).toMatch(last);
  });

  it('lists twenty failures and counts the others, all under --devices', () => {
    const failed = Array.from({ length: 250 }, (_, index) => ({
      device: `SRV-${String(index).padStart(3, '0')}`,
      code: 'timeout',
      message: 'the account database did not answer',
    }));
    const result = { ...mixed, failed };
    const text = applyText(result, brief);
    expect(text.match(/^ {2}✗ SRV-/gm)).toHaveLength(20);
    expect(text).toContain('and 230 more; --devices shows them all');
    expect(applyText(result, { ...brief, devices: true }).match(/^ {2}✗ SRV-/gm)).toHaveLength(250);
  });

  it('counts pending devices where they are many', () => {
    const pending = Array.from({ length: 250 }, (_, index) => `SRV-${index}`);
    const text = applyText({ ...mixed, pending }, brief);
    expect(text).toContain('pending: 250 devices have not answered the action yet\n');
    expect(applyText({ ...mixed, pending }, { ...brief, devices: true })).toContain('SRV-249');
  });

  it('tells once what an action does to devices that differ in what they had before', () => {
    const [action] = plan.actions;
    if (action === undefined) throw new Error('the plan has no action');
    const first = plan.changes.find(({ kind }) => kind === 'account.set');
    if (first === undefined) throw new Error('the plan sets no property');
    const changes = ['', 'a', 'b'].map((from, index) => ({ ...first, id: `c${index + 1}`, from }));
    const same = { ...plan, changes, actions: [{ ...action, changes: ['c1', 'c2', 'c3'] }] };
    const text = applyText({ ...done, actions: done.actions.slice(0, 1) }, brief, same);
    expect(text.match(/set account corp_breakglass/g)).toHaveLength(1);
  });

  it('sums up many actions', () => {
    const actions = Array.from({ length: 40 }, (_, index) => ({
      key: `${index}`.padStart(12, '0'),
      devices: 10,
      ok: 9,
      failed: 1,
      pending: 0,
    }));
    const text = applyText({ ...mixed, actions }, brief);
    expect(text).toMatch(/and 28 more actions +280 devices +252 ok +28 failed/);
  });

  it('lets no device write a line of its own', () => {
    const failed = [{ device: 'SRV\u001b[2J', code: 'unexpected', message: 'x\nConverged.\u202E' }];
    const text = applyText({ ...mixed, failed }, brief);
    expect(text).toContain('x\\u{A}Converged.\\u{202E}');
    expect(text).toContain('SRV\\u{1B}[2J');
    expect(text).not.toMatch(/^Converged\./m);
  });
});

describe('the JSON', () => {
  const validate = validator('apply');

  it.each([
    ['done', done],
    ['mixed', mixed],
    ['nothing to do', { ...done, run: null, actions: [] }],
  ])('is what apply.schema.json says (%s)', (_, result) => {
    const text = applyJson(result);
    validate(JSON.parse(text));
    expect(validate.errors).toBeNull();
    expect(JSON.parse(text)).toEqual(result);
  });

  it('has the keys that scripts rely on, in their order', () => {
    expectGolden('apply-mixed.json', applyJson(mixed));
    expectGolden('apply-in-waves.json', applyJson(inWaves));
    expect(Object.keys(JSON.parse(applyJson(done)) as object)).toEqual([
      'run',
      'plan',
      'actions',
      'converged',
      'failed',
      'pending',
      'held',
    ]);
  });
});
