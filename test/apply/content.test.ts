/** Content that a plan makes, in a tenant that has none of it or has it wrong. */
import { describe, expect, it } from 'vitest';
import type { RunContext } from '../../src/apply/context.ts';
import { survey, wholeLook } from '../../src/apply/survey.ts';
import type { ContentManage, DesiredContent } from '../../src/model/content.ts';
import { planHtml } from '../../src/render/plan-html.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { planMarkdown } from '../../src/render/plan-markdown.ts';
import { planText } from '../../src/render/plan-text.ts';
import { rights } from '../../src/simulator/api/rights.ts';
import { npsdScript } from '../reconcile/content-world.ts';
import { validator } from '../render/schema.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const ref = { kind: 'TaniumContent', name: 'content', source: { file: 'content.yaml', line: 1 } } as const;

function declaring({ context }: Cloud, manage: ContentManage, more: Partial<DesiredContent> = {}): RunContext {
  const content = { ...context.desired.content, ref, manage, ...more };
  return { ...context, desired: { ...context.desired, content } };
}

const sensor = 'sensors/by-name/NPS%20Admin%20Members';
const tanium = 'packages/by-name/NPSD%20Management';

/** A tenant with nothing of NPS-D but the action group, which nobody here makes. */
async function bareCloud(): Promise<Cloud> {
  const at = await cloud({ bare: true, devices: 4 });
  await at.api('POST', 'action_groups', { name: 'Default - All Computers', groups: [{ name: 'All Computers' }] });
  return at;
}

async function posts({ ask }: Cloud): Promise<readonly (number | undefined)[]> {
  const requests = await ask<Record<string, number>>('requests');
  return [requests['POST /api/v2/sensors'], requests['POST /api/v2/packages']];
}

async function named({ api }: Cloud, type: string, name: string): Promise<number> {
  const list: readonly { readonly name?: string }[] = await api('GET', type);
  return list.filter((one) => one.name === name).length;
}

describe('content that is missing', () => {
  it('#175 #64 is made under create: sensor, package and both files; the next run sees the devices and converges', async () => {
    const at = await bareCloud();
    const context = declaring(at, 'create');
    const first = await applyAll(context);
    expect(first.plan.changes.map(({ kind, subject }) => `${kind} ${subject['object'] ?? ''}`.trim())).toEqual([
      'content.create sensor',
      'content.create package',
      'toggle.set',
      'provider.create',
    ]);
    expect([first.exitCode, first.result.converged]).toEqual([2, false]);
    const made = await at.api('GET', sensor);
    expect(made).toMatchObject({
      category: 'Security',
      content_set: { name: 'Base' },
      value_type: 'String',
      max_age_seconds: 600,
      max_string_age_minutes: 1440,
      max_strings: 10_000,
      ignore_case_flag: false,
      hidden_flag: false,
      subcolumns: [],
    });
    expect(await at.api('GET', tanium)).toMatchObject({
      process_group_flag: true,
      skip_lock_flag: false,
      command_timeout: 180,
      expire_seconds: 780,
      files: [{ name: 'expand_params.ps1' }, { name: 'secureone_management.ps1' }],
    });
    const second = await applyAll(context);
    expect([second.exitCode, second.result.converged]).toEqual([0, true]);
    expect((await applyAll(context)).plan.changes).toEqual([]);
    expect(await posts(at)).toEqual([1, 1]);
  });

  it('is only told under report, and nothing is written', async () => {
    const at = await cloud({ devices: 3 });
    await at.api('DELETE', tanium);
    const { plan } = await survey(declaring(at, 'report'), { ...wholeLook, fresh: true });
    expect(plan.changes.filter(({ kind }) => kind.startsWith('content.'))).toEqual([]);
    expect(plan.warnings).toContain('Tanium has no package named "NPSD Management".');
    expect(await posts(at)).toEqual([undefined, undefined]);
  });

  it('is made once, though the answer to each request is lost and the run ends there', async () => {
    const at = await bareCloud();
    const context = declaring(at, 'create');
    for (let round = 0; round < 8; round += 1) {
      await at.tell('faults', { rates: { doubtful: 0.5 }, seed: round });
      await applyAll(context).catch(() => {});
    }
    await at.tell('faults', {});
    expect((await applyAll(context)).exitCode).toBe(0);
    expect(await named(at, 'sensors', 'NPS Admin Members')).toBe(1);
    expect(await named(at, 'packages', 'NPSD Management')).toBe(1);
    expect(await posts(at)).toEqual([1, 1]);
  });

  it('is made once, though the run is killed between the two', async () => {
    const at = await bareCloud();
    let held = 0;
    const killed: RunContext = {
      ...declaring(at, 'create'),
      assertHeld: async () => {
        held += 1;
        if (held === 2) throw new Error('killed');
      },
    };
    await expect(applyAll(killed)).rejects.toThrow('killed');
    expect(await posts(at)).toEqual([undefined, 1]);
    await applyAll(declaring(at, 'create'));
    expect(await posts(at)).toEqual([1, 1]);
  });

  it('is left as it is where somebody made it while the plan was looked at', async () => {
    const at = await bareCloud();
    const context = declaring(at, 'create');
    const { apply } = await import('../../src/apply/apply.ts');
    const confirm = async (): Promise<boolean> => {
      await at.api('POST', 'sensors', { name: 'NPS Admin Members', description: 'by hand' });
      return true;
    };
    await apply(context, { kind: 'apply', saved: null, look: wholeLook, confirm });
    expect(await at.api('GET', sensor)).toMatchObject({ description: 'by hand' });
    expect(await posts(at)).toEqual([1, 1]);
  });

  it('is not lost where the token expires in the middle: what is made stays, and the next run goes on', async () => {
    const at = await bareCloud();
    const context = declaring(at, 'create');
    // Two looks of some ten requests each come before the files are sent up.
    await at.tell('settings', { expireTokenAfter: 21 });
    await expect(applyAll(context)).rejects.toMatchObject({ code: 'TRUEUP_TANIUM_UNAUTHORIZED' });
    expect(await at.context.store.providers('tanium_cloud')).toEqual([]);
    expect(await at.ask<readonly unknown[]>('actions')).toEqual([]);
    await at.tell('faults', {});
    await applyAll(context);
    expect((await applyAll(context)).exitCode).toBe(0);
    // What a refused request asked for was not made.
    expect(await named(at, 'sensors', 'NPS Admin Members')).toBe(1);
    expect(await named(at, 'packages', 'NPSD Management')).toBe(1);
  });

  it('#30 is not made where the persona may not, and the error names the right', async () => {
    const at = await bareCloud();
    await at.tell('settings', { rights: { 0: rights.filter((right) => right !== 'Package - Write') } });
    await expect(applyAll(declaring(at, 'create'))).rejects.toMatchObject({
      code: 'TRUEUP_TANIUM_FORBIDDEN',
      remedy: expect.stringContaining('"Package - Write"'),
    });
    await at.tell('settings', { rights: null });
    expect([await named(at, 'sensors', 'NPS Admin Members'), await named(at, 'packages', 'NPSD Management')]).toEqual([
      0, 0,
    ]);
  });
});

describe('content that differs', () => {
  it('is shown property by property, and changed in these alone under update', async () => {
    const at = await cloud({ devices: 3, drift: 0 });
    await at.api('PATCH', sensor, { hidden_flag: true, max_age_seconds: 900, description: 'theirs' });
    await at.api('PATCH', tanium, { process_group_flag: false, command: 'powershell.exe $0', display_name: 'theirs' });
    const context = declaring(at, 'update');
    const { plan } = await survey(context, { ...wholeLook, fresh: true });
    const content = plan.changes.filter(({ kind }) => kind === 'content.update');
    expect(content.map(({ subject, from, to }) => [subject['object'], subject['property'], from, to])).toEqual([
      ['sensor', 'hidden', true, false],
      ['sensor', 'maxAge', 900, 600],
      ['package', 'command', 'powershell.exe $0', expect.stringMatching(/expand_params\.ps1 \$0$/)],
      ['package', 'launchInProcessGroup', false, true],
    ]);
    const isPlan = validator('plan');
    expect([isPlan(JSON.parse(planJson(plan))), isPlan.errors]).toEqual([true, null]);
    expect(planText(plan, { devices: false, color: false, columns: 120 })).toContain(
      '~ content sensor NPS Admin Members maxAge 900 → 600',
    );
    expect(planText(plan, { devices: false, color: false })).toContain('4 changes of content');
    expect(planMarkdown(plan)).toContain('launchInProcessGroup');
    expect(planHtml(plan)).toContain('launchInProcessGroup');
    expect((await applyAll(context)).exitCode).toBe(0);
    expect(await at.api('GET', sensor)).toMatchObject({
      hidden_flag: false,
      max_age_seconds: 600,
      description: 'theirs',
    });
    expect(await at.api('GET', tanium)).toMatchObject({ process_group_flag: true, display_name: 'theirs' });
    expect((await survey(context, { ...wholeLook, fresh: true })).plan.changes).toEqual([]);
  });

  it('of NPS-D’s own scripts is replaced under update, in the sensor before anything is asked of it', async () => {
    const at = await cloud({ devices: 3, drift: 0 });
    await at.api('PATCH', sensor, {
      queries: [{ platform: 'Windows', script_type: 'Powershell', script: npsdScript }],
    });
    expect((await applyAll(declaring(at, 'update'))).exitCode).toBe(2);
    const [query] = (await at.api('GET', sensor)).queries;
    expect(query.script).toContain('$ScriptVersion');
    expect((await applyAll(declaring(at, 'update'))).exitCode).toBe(0);
  });

  it('of somebody else’s sensor stays untouched, and the run says whose it is not', async () => {
    const at = await cloud({ devices: 3 });
    const queries = [{ platform: 'Windows', script_type: 'Powershell', script: 'Get-Process' }];
    await at.api('PATCH', sensor, { queries, hidden_flag: true });
    await expect(applyAll(declaring(at, 'update'))).rejects.toMatchObject({
      code: 'TRUEUP_SENSOR_FOREIGN',
    });
    expect(await at.api('GET', sensor)).toMatchObject({ queries, hidden_flag: true });
    expect((await at.ask<Record<string, number>>('requests'))['PATCH /api/v2/sensors/{id}']).toBeUndefined();
  });

  it('#48 #65 that splits into columns or takes two parameters is named, and nothing is written', async () => {
    const at = await cloud({ devices: 3 });
    await at.api('PATCH', sensor, {
      subcolumns: [
        { name: 'A', index: 0 },
        { name: 'B', index: 1 },
      ],
      delimiter: '|',
    });
    const error: any = await applyAll(declaring(at, 'report')).catch((thrown: unknown) => thrown);
    expect(`${error.code} ${error.message} ${error.remedy}`).toMatch(/column/i);
    await at.api('PATCH', sensor, { subcolumns: [] });
    const parameters = ['$0', '$1'].map((key) => ({ key, label: key }));
    await at.api('PATCH', tanium, { parameter_definition: JSON.stringify({ parameters }) });
    await expect(applyAll(declaring(at, 'report'))).rejects.toMatchObject({ code: 'TRUEUP_PACKAGE_PARAMETER' });
    expect(await at.ask<readonly unknown[]>('actions')).toEqual([]);
    expect(await at.context.store.providers('tanium_cloud')).toEqual([]);
  });

  it('of files that a document names is what their hash says, or nothing is looked at', async () => {
    const at = await cloud({ devices: 3 });
    const path = new URL('../../powershell/secureone_management.ps1', import.meta.url).pathname;
    const script = { path, sha256: '0'.repeat(64), source: { file: 'content.yaml', line: 7 } };
    const { content } = at.context.desired;
    const wrong = declaring(at, 'report', { sensor: { ...content.sensor, script } });
    await expect(survey(wrong, { ...wholeLook, fresh: true })).rejects.toMatchObject({
      code: 'TRUEUP_CONFIG_INVALID',
      source: 'content.yaml:7',
    });
    const right = declaring(at, 'report', { sensor: { ...content.sensor, script: { ...script, sha256: null } } });
    expect((await survey(right, { ...wholeLook, fresh: true })).plan.warnings).toEqual([]);
  });
});
