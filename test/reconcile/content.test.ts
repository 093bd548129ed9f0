import { describe, expect, it } from 'vitest';
import type { ContentFinding, DesiredContent, ObservedSensor } from '../../src/model/content.ts';
import { contentWarnings, namesOf } from '../../src/reconcile/content.ts';
import { asPosture, authorOf, normalised, sensorText, versionOf } from '../../src/reconcile/content-script.ts';
import {
  findingsIn,
  goodContent,
  goodSensor,
  judged,
  management,
  npsdScript,
  only,
  told,
  undeclared,
} from './content-world.ts';

function withScript(script: string): { readonly sensor: object } {
  return { sensor: { queries: [{ platform: 'Windows', scriptType: 'Powershell', script }] } };
}

describe('a sensor', () => {
  it('#37 that is exactly as specified is said to be right, with how much was compared', () => {
    expect(told()).toEqual([]);
    const [verdict] = judged().verdicts;
    expect(verdict).toMatchObject({ kind: 'sensor', object: 'sensor "NPS Admin Members"', state: 'present' });
    expect(verdict?.compared).toBeGreaterThanOrEqual(12);
  });

  /** The finding that the wrong sensor comes to: it names the property, what is and what should be. */
  function finding(sensor: Partial<ObservedSensor>): Pick<ContentFinding, 'severity' | 'expected' | 'actual'> {
    // Sensor and package share a content set: the package goes with it.
    const { contentSet = 'Base' } = sensor;
    const [found, ...others] = findingsIn(judged({ sensor, package: { contentSet } }));
    if (found === undefined) throw new Error('nothing is wrong');
    expect(others.map(({ id }) => id)).toEqual(contentSet === 'Base' ? [] : ['package.contentSet']);
    const { id, severity, property, expected, actual, message } = found;
    expect(id).toMatch(/^sensor\./);
    expect(message).toContain(`Sensor "NPS Admin Members": ${property} is ${actual}, and should be ${expected}.`);
    return { severity, expected, actual };
  }

  it('#40 may be in any content set that there is: another one is told', () => {
    expect(finding({ contentSet: 'Ours' })).toEqual({ severity: 'info', expected: 'Base', actual: 'Ours' });
  });

  it('#41 is of the category Security by recommendation: another one is told', () => {
    expect(finding({ category: 'Misc' })).toEqual({ severity: 'info', expected: 'Security', actual: 'Misc' });
  });

  it('#42 has the result type Text', () => {
    const wrong = { severity: 'error', expected: 'Text', actual: 'NumericInteger' };
    expect(finding({ valueType: 'NumericInteger' })).toEqual(wrong);
  });

  it('#46 tells upper from lower case in its results', () => {
    expect(finding({ ignoreCase: true })).toEqual({ severity: 'error', expected: 'Disabled', actual: 'Enabled' });
  });

  it('#47 is not hidden', () => {
    expect(finding({ hidden: true })).toEqual({ severity: 'error', expected: 'Disabled', actual: 'Enabled' });
  });

  it('#48 is not split into columns', () => {
    const wrong = { severity: 'error', expected: 'Disabled', actual: 'Enabled (A, B)' };
    expect(finding({ columns: ['A', 'B'] })).toEqual(wrong);
  });

  it('#37 takes no parameters', () => {
    expect(finding({ parameters: ['days'] })).toEqual({ severity: 'error', expected: 'none', actual: 'days' });
  });

  it('#39 may say of itself what it likes: its description is not even looked at', () => {
    expect(Object.keys(goodSensor)).not.toContain('description');
    const properties = judged({ sensor: { hidden: true } }).verdicts.flatMap(({ findings }) =>
      findings.map(({ property }) => property),
    );
    expect(properties).not.toContain('Description');
  });

  it('#38 must have the name byte for byte, and a near one is named with what differs', () => {
    const missing = (...near: readonly string[]) =>
      only({ observed: { sensor: { ...goodContent.sensor, found: null, near } } });
    expect(missing('nps admin members')).toMatchObject({
      id: 'sensor.name',
      severity: 'error',
      message:
        'Tanium has no sensor named "NPS Admin Members". Tanium has "nps admin members": upper and lower case differ.',
      remedy: 'Set options.sensor_name to the name that Tanium has, letter by letter: a sensor cannot be renamed.',
    });
    expect(missing('NPS Admin Members ').message).toContain(
      'Tanium has "NPS Admin Members ": a blank at its beginning or end differs.',
    );
    expect(missing('NPS-Admin Members').message).toContain('blanks or dashes differ');
    expect(missing('NPS Admin Member', 'NPS Admins').message).toContain(
      'Did you mean "NPS Admin Member" or "NPS Admins"?',
    );
    expect(missing().message).toBe('Tanium has no sensor named "NPS Admin Members".');
  });

  it('#43 is held against sensor_max_age_seconds where no age is declared, and 10 minutes is the least', () => {
    expect(told({ options: { sensor_max_age_seconds: 900 } })).toEqual(['warning sensor.maxAge']);
    expect(told({ options: { sensor_max_age_seconds: 900 }, sensor: { maxAgeSeconds: 900 } })).toEqual([]);
    const declared = { ...undeclared.sensor, maxAgeSeconds: 1200 };
    expect(told({ desired: { sensor: declared }, sensor: { maxAgeSeconds: 1200 } })).toEqual([]);
    const short = { options: { sensor_max_age_seconds: 300 }, sensor: { maxAgeSeconds: 300 } };
    expect(only(short)).toMatchObject({ id: 'sensor.maxAge.least', severity: 'warning' });
  });

  it('#44 has Max String Age Disabled or 86400 or more: less forgets answers', () => {
    for (const maxStringAgeMinutes of [0, 1440, 14_400]) expect(told({ sensor: { maxStringAgeMinutes } })).toEqual([]);
    const short = { sensor: { maxStringAgeMinutes: 1439 } };
    expect(only(short)).toMatchObject({ id: 'sensor.maxStringAge', severity: 'warning', actual: '86340' });
    const disabled = { ...undeclared.sensor, maxStringAgeSeconds: null };
    expect(told({ ...short, desired: { sensor: disabled } })).toEqual(['warning sensor.maxStringAge']);
  });

  it('#45 has Max Strings Disabled or 10000 or more: less forgets answers', () => {
    for (const maxStrings of [0, 10_000, 100_000]) expect(told({ sensor: { maxStrings } })).toEqual([]);
    const few = { sensor: { maxStrings: 9999 } };
    expect(only(few)).toMatchObject({ id: 'sensor.maxStrings', severity: 'warning', actual: '9999' });
    const disabled = { ...undeclared.sensor, maxStrings: null };
    expect(told({ ...few, desired: { sensor: disabled } })).toEqual(['warning sensor.maxStrings']);
  });

  it('#49 has the whole script of Trueup: line ends, a byte order mark and a signature do not matter', () => {
    const signature = '# SIG # Begin signature block\r\n# MIIabc\r\n# SIG # End signature block\r\n';
    for (const text of [
      management.replaceAll('\n', '\r\n'),
      `\uFEFF${management}`,
      `${management}${signature}`,
      management.trimEnd(),
    ]) {
      expect(told(withScript(text))).toEqual([]);
    }
    expect(only(withScript(management.replace('Get-Language', 'Get-Tongue')))).toMatchObject({
      id: 'sensor.script',
      severity: 'error',
      message: 'Sensor "NPS Admin Members" holds an altered copy of version 1.0.0 of secureone_management.ps1.',
    });
    expect(findingsIn(judged(withScript(management.replace("'1.0.0'", "'0.9.0'"))))).toMatchObject([
      {
        id: 'sensor.script',
        message: 'Sensor "NPS Admin Members" holds version 0.9.0 of secureone_management.ps1, and should hold 1.0.0.',
      },
      { id: 'package.version', severity: 'error' },
    ]);
  });

  it('#49 has it for Windows, and as PowerShell', () => {
    const [windows, linux] = goodSensor.queries;
    expect(only({ sensor: { queries: linux === undefined ? [] : [linux] } }).message).toBe(
      'Sensor "NPS Admin Members" has no script for Windows.',
    );
    const wrong = { ...windows, platform: 'Windows', scriptType: 'VBScript', script: management };
    expect(only({ sensor: { queries: [wrong] } })).toMatchObject({
      id: 'sensor.scriptType',
      expected: 'PowerShell',
      actual: 'VBScript',
    });
  });

  it('that answers with security settings is told from the one that answers with accounts by its first line', () => {
    expect(only(withScript(asPosture(management)))).toMatchObject({
      id: 'sensor.firstLine',
      expected: "$DefaultAction = 'Inventory'",
      actual: "$DefaultAction = 'Posture'",
    });
    const posture = { ...goodSensor, name: 'NPS Posture', maxAgeSeconds: 86_400 };
    const seen = (script: string) => ({
      desired: { wantsPosture: true },
      observed: {
        postureSensor: {
          name: 'NPS Posture',
          near: [],
          found: { ...posture, queries: [{ platform: 'Windows', scriptType: 'Powershell', script }] },
        },
      },
    });
    expect(told(seen(asPosture(management)))).toEqual([]);
    expect(told(seen(management))).toEqual(['error posture-sensor.firstLine']);
  });

  it('#49 that is not ours is one error, whatever else is wrong with it, and nothing is ever changed on it', () => {
    const queries = [{ platform: 'Windows', scriptType: 'Powershell', script: 'Get-LocalUser | ConvertTo-Json' }];
    const wrong = { sensor: { queries, hidden: true, ignoreCase: true, columns: ['A'] }, desired: managed('update') };
    const finding = only(wrong);
    expect(finding).toMatchObject({ id: 'sensor.foreign', severity: 'error' });
    expect(finding.message).toContain('is not ours');
    const { verdicts, changes } = judged(wrong);
    expect([verdicts[0]?.state, changes]).toEqual(['foreign', []]);
  });

  it('of NPS-D’s own is recognised, said so, and replaced by nothing but manage: update', () => {
    const wrong = withScript(npsdScript);
    expect(only(wrong)).toMatchObject({ id: 'sensor.npsd', severity: 'error' });
    expect(only(wrong).message).toContain("holds NPS-D's own secureone_management.ps1");
    expect(judged(wrong).verdicts[0]?.state).toBe('npsd');
    expect(judged({ ...wrong, desired: managed('create') }).changes).toEqual([]);
    const { changes, restsScan } = judged({ ...wrong, desired: managed('update') });
    expect(changes).toMatchObject([
      {
        kind: 'content.update',
        subject: { object: 'sensor', content: 'NPS Admin Members', property: 'script' },
        consequence: expect.stringContaining('NPS-D'),
      },
    ]);
    expect(restsScan).toBe(true);
  });

  it('#50 may have other platforms Disabled or with a message, and no script of its own', () => {
    const [windows] = goodSensor.queries;
    const linux = { platform: 'Linux', scriptType: 'UnixShell', script: 'echo "Not available on Linux"' };
    const windowsOnly = windows === undefined ? [] : [windows];
    expect(told({ sensor: { queries: windowsOnly } })).toEqual([]);
    const long = { ...linux, script: 'cat /etc/group\n'.repeat(40) };
    expect(only({ sensor: { queries: [...windowsOnly, long] } })).toMatchObject({
      id: 'sensor.otherPlatforms',
      severity: 'warning',
      actual: 'a script on Linux',
    });
  });

  it('#52 #53 of which the API cannot tell the background collection: skipped, with the steps in the console', () => {
    const collected = (desired: Partial<DesiredContent> = {}) =>
      judged({ desired }).verdicts.flatMap(({ findings }) =>
        findings.filter(({ id }) => id === 'sensor.backgroundCollection'),
      );
    expect(collected()).toMatchObject([
      { severity: 'skipped', remedy: expect.stringContaining('Interact → Settings → Sensor Collection') },
    ]);
    expect(collected({ sensor: { ...undeclared.sensor, backgroundCollection: false } })).toEqual([]);
    // To collect now is the operator's own doing: nothing that a plan makes has to do with it.
    expect(judged({ desired: managed('update') }).changes).toEqual([]);
  });
});

/** A document, with defaults for everything. */
function managed(manage: DesiredContent['manage']): Partial<DesiredContent> {
  return { manage, ref: { kind: 'TaniumContent', name: 'content', source: { file: 'content.yaml', line: 1 } } };
}

describe('what a plan makes of a sensor', () => {
  const wrong = { hidden: true, category: 'Misc', maxAgeSeconds: 900, maxStrings: 5 };
  const properties = (desired: Partial<DesiredContent>) =>
    judged({ sensor: wrong, desired }).changes.map(({ subject, from, to }) => [subject['property'], from, to]);

  it('is nothing under report and create, and each property by itself under update', () => {
    expect(properties({})).toEqual([]);
    expect(properties(managed('report'))).toEqual([]);
    expect(properties(managed('create'))).toEqual([]);
    expect(properties(managed('update'))).toEqual([
      ['maxAge', 900, 600],
      ['hidden', true, false],
      ['maxStrings', 5, 10_000],
    ]);
  });

  it('changes what is only recommended where a document asks for it', () => {
    const sensor = { ...undeclared.sensor, category: 'Security', declared: ['category'] };
    expect(properties({ ...managed('update'), sensor })).toContainEqual(['category', 'Misc', 'Security']);
  });

  it('#175 is a whole sensor where it is missing, with what it will be, and then nothing can be scanned yet', () => {
    const observed = { sensor: { ...goodContent.sensor, found: null } };
    for (const manage of ['create', 'update'] as const) {
      const { changes, restsScan } = judged({ observed, desired: managed(manage) });
      expect(changes).toMatchObject([
        {
          kind: 'content.create',
          subject: { object: 'sensor', content: 'NPS Admin Members' },
          from: null,
          to: {
            category: 'Security',
            contentSet: 'Base',
            maxAgeSeconds: 600,
            script: expect.stringMatching(/^1\.0\.0 \(sha256 /),
          },
        },
      ]);
      expect(restsScan).toBe(true);
    }
    expect(judged({ observed }).changes).toEqual([]);
  });

  it('#38 is none beside one whose name somebody would take for it', () => {
    for (const near of ['nps admin members', 'NPS Admin Members ']) {
      const observed = { sensor: { ...goodContent.sensor, found: null, near: [near] } };
      expect(judged({ observed, desired: managed('create') }).changes).toEqual([]);
    }
  });

  it('is told as a warning of the plan where it makes nothing of it, and as a change where it does', () => {
    const reported = contentWarnings(judged({ sensor: wrong }));
    expect(reported).toEqual([
      'Sensor "NPS Admin Members": Hide sensor is Enabled, and should be Disabled.',
      'Sensor "NPS Admin Members": Max Sensor Age is 15 minutes, and should be 10 minutes.',
      'Sensor "NPS Admin Members": Max Strings is 5, and should be Disabled, or 10000 or more.',
    ]);
    expect(contentWarnings(judged({ sensor: wrong, desired: managed('update') }))).toEqual([]);
  });
});

describe('what is asked of Tanium', () => {
  it('#88 #90 has the names of the document, else of the options', () => {
    const options = { sensor_name: 'S', package_name: 'P' };
    expect(namesOf(undeclared, options)).toEqual({ sensor: 'S', postureSensor: null, packageName: 'P' });
    const named = {
      ...undeclared,
      wantsPosture: true,
      sensor: { ...undeclared.sensor, name: 'Mine' },
      package: { ...undeclared.package, name: 'Own' },
    };
    expect(namesOf(named, options)).toEqual({ sensor: 'Mine', postureSensor: 'NPS Posture', packageName: 'Own' });
  });
});

describe('a script', () => {
  it('is known by what it cannot be without', () => {
    expect([management, npsdScript, 'Get-Date'].map(authorOf)).toEqual(['trueup', 'npsd', 'other']);
    expect([management, npsdScript].map(versionOf)).toEqual(['1.0.0', null]);
  });

  it('is the same text with and without its first line where that is the one of a sensor alone', () => {
    expect(sensorText(management)).toBe(sensorText(asPosture(management)));
    expect(sensorText('Get-Date\nGet-Host\n')).toBe('Get-Date\nGet-Host');
    expect(normalised(`a\r\nb\r\n`)).toBe('a\nb');
  });
});
