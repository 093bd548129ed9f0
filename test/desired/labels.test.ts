import { describe, expect, it } from 'vitest';
import { parseLabels } from '../../src/desired/labels.ts';
import { TrueupError } from '../../src/errors.ts';

describe('device labels', () => {
  it('come by computer name in lower case, without those that are empty', () => {
    const labels = parseLabels('name,site,team\r\nSRV-1.corp.example,Berlin,pam\r\nWS-2,"Köln, ""Süd""",\r\n', 'l.csv');
    expect([...labels]).toEqual([
      ['srv-1.corp.example', { site: 'Berlin', team: 'pam' }],
      ['ws-2', { site: 'Köln, "Süd"' }],
    ]);
  });

  it('take a byte order mark, blank lines and blanks around cells', () => {
    expect([...parseLabels('\uFEFFName , site\n\n WS-1 , Paris \n', 'l.csv')]).toEqual([['ws-1', { site: 'Paris' }]]);
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
