import { describe, expect, it } from 'vitest';
import { parseLabels, refuseUnknownLabels } from '../../src/desired/labels.ts';
import { TrueupError } from '../../src/errors.ts';
import { defaultRollout } from '../../src/model/desired.ts';
import type { Selector } from '../../src/model/selector.ts';
import { account, ref } from '../reconcile/world.ts';

describe('device labels', () => {
  it('come by computer name in lower case, without those that are empty', () => {
    const { names, devices } = parseLabels(
      'name,site,team\r\nSRV-1.corp.example,Berlin,pam\r\nWS-2,"Köln, ""Süd""",\r\n',
      'l.csv',
    );
    expect(names).toEqual(['site', 'team']);
    expect([...devices]).toEqual([
      ['srv-1.corp.example', { site: 'Berlin', team: 'pam' }],
      ['ws-2', { site: 'Köln, "Süd"' }],
    ]);
  });

  it('take a byte order mark, blank lines and blanks around cells', () => {
    const { devices } = parseLabels('\uFEFFName , site\n\n WS-1 , Paris \n', 'l.csv');
    expect([...devices]).toEqual([['ws-1', { site: 'Paris' }]]);
  });

  const broken: [string, string, string][] = [
    ['nothing', '', 'l.csv:1'],
    ['a column without a name', 'name,,site\n', 'l.csv:1'],
    ['two columns of one name', 'name,site,site\n', 'l.csv:1'],
    ['a row of another width', 'name,site\nWS-1,a\nWS-2\n', 'l.csv:3'],
    ['a computer with two rows', 'name,site\nWS-1,a\nws-1,b\n', 'l.csv:3'],
    ['a row without a computer', 'name,site\n,a\n', 'l.csv:2'],
    ['a quote that does not end', 'name,site\nWS-1,"a\n', 'l.csv:2'],
  ];
  it.each(broken)('refuse %s, with file and line', (_, text, source) => {
    try {
      parseLabels(text, 'l.csv');
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(TrueupError);
      expect(error).toMatchObject({ code: 'TRUEUP_CONFIG_INVALID' });
      expect((error as TrueupError).source).toBe(source);
    }
  });
});

describe('a label that the file has no column for', () => {
  const any = { source: '*', test: () => true };
  const by = (selector: Selector) => ({
    computers: [],
    memberships: [],
    accounts: [account({ selector })],
    exclusions: [],
    baselines: [],
    rollout: defaultRollout,
  });

  it.each<[string, Selector]>([
    ['a selector', { labels: { site: [any] } }],
    ['what a selector leaves out', { exclude: [{ labels: { site: [any] } }] }],
  ])('is an error, for %s would select nothing', (_, selector) => {
    expect(() => refuseUnknownLabels(by(selector), ['Site', 'tier'], 'labels.csv')).toThrow(
      expect.objectContaining({
        code: 'TRUEUP_SELECTOR_UNKNOWN',
        message:
          'LocalAccount breakglass selects by the label "site", and labels.csv has no such column. Did you mean "Site"?',
        source: 'breakglass.yaml:1',
      }),
    );
    expect(() => refuseUnknownLabels(by(selector), ['site'], 'labels.csv')).not.toThrow();
  });

  it('is one in a wave, too', () => {
    const wave = { name: 'lab', size: 'rest', requireApproval: false, source: { file: 'r.yaml', line: 9 } } as const;
    const selector = { labels: { site: [any] } };
    const rollout = { ...defaultRollout, ref: ref('Rollout', 'r'), waves: [{ ...wave, selector }] };
    expect(() => refuseUnknownLabels({ ...by({}), rollout }, ['tier'], 'labels.csv')).toThrow(
      expect.objectContaining({ code: 'TRUEUP_SELECTOR_UNKNOWN', source: 'r.yaml:9' }),
    );
  });
});
