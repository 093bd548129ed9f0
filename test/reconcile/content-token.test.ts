import { describe, expect, it } from 'vitest';
import type { DesiredContent, ObservedToken } from '../../src/model/content.ts';
import { rightsNeeded, tokenInUse } from '../../src/reconcile/content-token.ts';
import { findingsIn, goodContent, judged, only, told, undeclared } from './content-world.ts';

describe('groups', () => {
  const declared = (...names: readonly string[]): Partial<DesiredContent> => ({
    computerGroups: names.map((name) => ({ name, purpose: 'scan', maxExtraPercent: 5 })),
  });
  const persona = goodContent.persona && {
    ...goodContent.persona,
    privileges: [...goodContent.persona.privileges, { name: 'Computer Group - Read', contentSets: [] }],
  };

  it('#68 #70 are any that exist, by their exact names alone', () => {
    const names = ['All Windows Computers', 'NPS-D Managed Devices', 'NPS-D Managed Windows Devices'];
    const computerGroups = names.map((name, id) => ({ id, name, text: '' }));
    expect(told({ desired: declared(...names), observed: { computerGroups, persona } })).toEqual([]);
    const [first] = computerGroups;
    const found = findingsIn(
      judged({
        desired: declared('NPS-D Managed Devices', 'all windows computers'),
        observed: { computerGroups: first === undefined ? [] : [first], persona },
      }),
    );
    expect(found.map(({ severity, message }) => [severity, message])).toEqual([
      ['error', 'Tanium has no computer group named "NPS-D Managed Devices".'],
      [
        'error',
        'Tanium has no computer group named "all windows computers". Tanium has "All Windows Computers": upper and lower case differ.',
      ],
    ]);
  });

  it('#69 include the one of the bulk scan where that is enabled', () => {
    const options = { bulk_scan_group: 'Nowhere', bulk_scan_enabled: true };
    expect(only({ options, observed: { persona } })).toMatchObject({ id: 'computer-group.name', expected: 'Nowhere' });
    expect(told({ options: { ...options, bulk_scan_enabled: false } })).toEqual([]);
  });

  it('#176 are reported, and made by nobody here, whatever is to be managed', () => {
    const ref = { kind: 'TaniumContent', name: 'c', source: { file: 'c.yaml', line: 1 } } as const;
    const desired = { ...declared('Nowhere'), manage: 'update', ref } as const;
    const { changes, verdicts } = judged({ desired });
    expect(changes).toEqual([]);
    const finding = verdicts.flatMap(({ findings }) => findings).find(({ id }) => id === 'computer-group.name');
    expect(finding?.remedy).toContain('Trueup makes none');
  });

  it('of actions exist and hold somebody', () => {
    expect(only({ options: { action_group_name: 'default - all computers' } })).toMatchObject({
      id: 'action-group.name',
      severity: 'error',
      message: expect.stringContaining('upper and lower case differ'),
    });
    const actionGroups = [{ id: 3, name: 'Default', groups: ['No Computers'] }];
    expect(only({ options: { action_group_name: 'Default' }, observed: { actionGroups } })).toMatchObject({
      id: 'action-group.groups',
      severity: 'error',
    });
  });

  it('that the token may not see are skipped, with the right that is missing', () => {
    const observed = { computerGroups: null, actionGroups: null, persona };
    expect(findingsIn(judged({ desired: declared('X'), observed }))).toMatchObject([
      { id: 'computer-group.name', severity: 'skipped', remedy: expect.stringContaining('Computer Group - Read') },
      { id: 'action-group.name', severity: 'skipped', remedy: expect.stringContaining('Action Group - Read') },
    ]);
  });
});

describe('a content set', () => {
  it('#31 #40 exists where something is to be made in it', () => {
    const observed = { sensor: { ...goodContent.sensor, found: null } };
    const sensor = { ...undeclared.sensor, contentSet: 'base' };
    expect(told({ observed, desired: { sensor } })).toEqual(['error sensor.name', 'error content-set.name']);
    expect(told({ observed })).toEqual(['error sensor.name']);
    expect(told({ observed: { ...observed, contentSets: null } })).toEqual([
      'error sensor.name',
      'skipped content-set.name',
    ]);
  });
});

const token: ObservedToken = {
  id: 1,
  name: 'NPS-D Integration Token',
  notes: '',
  personaId: 0,
  userId: 1,
  expiresAt: null,
  lastUsedAt: null,
  expireInDays: 7,
  trusted: '',
};

describe('the token', () => {
  const ending = (expiresAt: string) => ({ observed: { tokens: [{ ...token, expiresAt }] } });

  it('#71 is found by its declared name, among those of its user', () => {
    const apiToken = { ...undeclared.apiToken, name: 'Our Token' };
    expect(only({ desired: { apiToken } })).toMatchObject({ id: 'token.name', severity: 'warning' });
    const named = { ...apiToken, name: 'NPS-D Integration Token' };
    expect(told({ desired: { apiToken: named } })).toEqual([]);
    const others = [
      { ...token, id: 2, lastUsedAt: '2026-03-01T00:00:00Z' },
      { ...token, id: 3, lastUsedAt: '2026-03-02T00:00:00Z' },
      { ...token, id: 4, userId: 2, lastUsedAt: '2026-03-03T00:00:00Z' },
    ];
    expect(tokenInUse(others, { userId: 1 }, null)?.id).toBe(3);
    expect(tokenInUse(others, { userId: 1 }, 'Another')).toBeNull();
  });

  it('#73 is told 14 days before it ends, and is an error once it has', () => {
    expect(told(ending('2026-03-16T09:00:00Z'))).toEqual([]);
    expect(only(ending('2026-03-16T08:59:59Z'))).toMatchObject({
      id: 'token.expiration',
      severity: 'warning',
      message: 'The API token ends in 13 days, 2026-03-16T08:59:59Z.',
      remedy: expect.stringContaining('trueup token rotate'),
    });
    expect(only(ending('2026-03-02T08:59:59Z'))).toMatchObject({ severity: 'error', actual: 'ended' });
    const apiToken = { ...undeclared.apiToken, warnDays: 30 };
    expect(told({ ...ending('2026-03-20T00:00:00Z'), desired: { apiToken } })).toEqual(['warning token.expiration']);
  });

  it('#73 ends when the configuration says where Tanium does not, and a day counts whole', () => {
    const observed = { tokens: null };
    expect(told({ observed })).toEqual(['skipped token.expiration']);
    expect(told({ observed, input: { apiKeyExpires: '2026-03-15' } })).toEqual(['warning token.expiration']);
    expect(told({ observed, input: { apiKeyExpires: '2026-03-16' } })).toEqual([]);
    const apiToken = { ...undeclared.apiToken, expires: '2026-03-05' };
    expect(told({ observed, input: { apiKeyExpires: '2027-01-01' }, desired: { apiToken } })).toEqual([
      'warning token.expiration',
    ]);
  });

  const may = (...names: readonly string[]) => ({
    observed: { persona: { userId: 1, user: 'svc', privileges: names.map((name) => ({ name, contentSets: [] })) } },
  });

  it('#72 #30 lacks a right that the configuration uses, which is named', () => {
    const rights = rightsNeeded({ ...undeclared, needsPackage: true }, { computerGroups: false, targetGroups: false });
    expect(rights).toEqual([
      'Action - Read',
      'Action - Write',
      'Action Group - Read',
      'Package - Read',
      'Question - Ask',
      'Sensor - Read',
      'Token - Use',
    ]);
    expect(told(may(...rights))).toEqual([]);
    const lacking = may(...rights.filter((right) => right !== 'Action - Write'));
    expect(only(lacking)).toMatchObject({
      id: 'token.rights.ActionWrite',
      severity: 'error',
      remedy: 'Grant the right "Action - Write" to the persona of the token.',
    });
    // In the words of other releases.
    expect(
      told(
        may(
          'Read Action',
          'Write Action',
          'Read Action Group',
          'Read Package',
          'Ask Dynamic Questions',
          'Read Sensor',
          'Use Token',
        ),
      ),
    ).toEqual([]);
  });

  it('#72 needs no more than a scan does where nothing is changed', () => {
    const scanOnly = { ...undeclared, needsPackage: false };
    expect(rightsNeeded(scanOnly, { computerGroups: false, targetGroups: false })).toEqual([
      'Question - Ask',
      'Sensor - Read',
      'Token - Use',
    ]);
    expect(rightsNeeded(scanOnly, { computerGroups: true, targetGroups: false })).toContain('Computer Group - Read');
    expect(rightsNeeded({ ...scanOnly, manage: 'create' }, { computerGroups: false, targetGroups: false })).toContain(
      'Sensor - Write',
    );
  });

  it('#72 needs to make groups where an action may be for more devices than its text can name', () => {
    const lacks = (computers: number, needsPackage = true): readonly string[] =>
      told({ input: { computers }, desired: { needsPackage } }).filter((one) => one.includes('.ComputerGroup'));
    expect(lacks(900)).toEqual([]);
    expect(lacks(901, false)).toEqual([]);
    expect(lacks(901)).toEqual(['error token.rights.ComputerGroupRead', 'error token.rights.ComputerGroupWrite']);
  });

  it('#72 has rights that nothing uses: told, or a warning where the minimum is asked for', () => {
    const rights = [
      ...rightsNeeded(undeclared, { computerGroups: false, targetGroups: false }),
      'User - Write',
      'Token - Write',
    ];
    expect(only(may(...rights))).toMatchObject({
      id: 'token.rights.excess',
      severity: 'info',
      message: 'The persona of the token has a right that the configuration does not use: User - Write.',
    });
    const apiToken = { ...undeclared.apiToken, minimumRights: true };
    expect(told({ ...may(...rights), desired: { apiToken } })).toEqual(['warning token.rights.excess']);
    expect(told({ observed: { persona: null } })).toEqual(['skipped token.rights']);
  });
});
