import { describe, expect, it } from 'vitest';
import type { DesiredContent, ObservedPackage } from '../../src/model/content.ts';
import { documentedCommand } from '../../src/model/content-command.ts';
import {
  file,
  findingsIn,
  goodContent,
  goodPackage,
  judged,
  management,
  npsdScript,
  npsdWrapper,
  only,
  told,
  undeclared,
  type Wrong,
  wrapper,
} from './content-world.ts';

function managed(manage: DesiredContent['manage']): Partial<DesiredContent> {
  return { manage, ref: { kind: 'TaniumContent', name: 'content', source: { file: 'content.yaml', line: 1 } } };
}

const missing: Wrong = { observed: { package: { ...goodContent.package, found: null } } };

describe('the package', () => {
  it('#54 #55 is an error where it is missing and a policy changes devices, and nothing to mend where none does', () => {
    expect(only(missing)).toMatchObject({
      id: 'package.name',
      severity: 'error',
      message: 'Tanium has no package named "NPSD Management".',
    });
    const [scanOnly] = findingsIn(judged({ ...missing, desired: { needsPackage: false } }));
    expect(scanOnly).toMatchObject({ id: 'package.name', severity: 'info' });
    expect(scanOnly?.message).toContain('needed for Protect JITA or Deny only');
  });

  it('#56 must have the name byte for byte, and a near one is named with what differs', () => {
    const near = ['NPSD management'];
    const finding = only({ observed: { package: { ...goodContent.package, found: null, near } } });
    expect(finding.message).toContain('Tanium has "NPSD management": upper and lower case differ.');
    expect(finding.remedy).toContain('options.package_name');
  });

  it('#57 may be called in the console what somebody likes, unless a name is declared', () => {
    expect(told({ package: { displayName: 'Anything' } })).toEqual([]);
    const declared = { ...undeclared.package, displayName: 'NPS-D' };
    expect(only({ desired: { package: declared }, package: { displayName: 'Anything' } })).toMatchObject({
      id: 'package.displayName',
      severity: 'info',
    });
  });

  it('#31 shares the content set of the sensor', () => {
    expect(told({ package: { contentSet: 'Other' } })).toEqual([
      'warning package.contentSet.shared',
      'info package.contentSet',
    ]);
  });

  it.each([
    ['-ExecutionPolicy Bypass', 'ExecutionPolicy'],
    ['-WindowStyle Hidden', 'WindowStyle'],
    ['-NonInteractive', 'NonInteractive'],
    ['-NoProfile', 'NoProfile'],
  ])('#58 lacks %s in its command, and the message names it', (flag, key) => {
    const command = documentedCommand(0).replace(` ${flag}`, '');
    expect(only({ package: { command } })).toMatchObject({
      id: `package.command.${key}`,
      severity: 'error',
      expected: flag,
      message: `The command of package "NPSD Management" lacks ${flag}.`,
    });
  });

  it('#58 #155 runs the wrapper and gives it the parameter last', () => {
    for (const end of ['-File expand.ps1 $0', '-File expand_params.ps1 $0 -Verbose', '-File expand_params.ps1']) {
      const command = documentedCommand(0).replace('-File expand_params.ps1 $0', end);
      expect(told({ package: { command } })).toContain('error package.command.end');
    }
    const other = `cmd.exe /d /c ${documentedCommand(0).replace('cmd.exe /d /c ', '')} `.replace('/d /c', '/c');
    expect(only({ package: { command: other } })).toMatchObject({ id: 'package.command', severity: 'info' });
    const declared = { ...undeclared.package, command: documentedCommand(0) };
    expect(only({ desired: { package: declared }, package: { command: other } }).severity).toBe('warning');
  });

  it('#59 #60 may have other timeouts, which is told', () => {
    expect(told({ package: { commandTimeoutSeconds: 300, expireSeconds: 900 } })).toEqual([
      'info package.commandTimeout',
    ]);
    expect(only({ package: { expireSeconds: 1080 } })).toMatchObject({
      id: 'package.downloadTimeout',
      severity: 'info',
      expected: '10 minutes',
      actual: '15 minutes',
    });
  });

  it('#61 may take no longer than action_timeout_seconds waits', () => {
    expect(only({ options: { action_timeout_seconds: 779 } })).toMatchObject({
      id: 'package.timeouts',
      severity: 'warning',
      expected: '780 or more',
    });
    expect(told({ options: { action_timeout_seconds: 780 } })).toEqual([]);
  });

  it('#62 does not ignore the action lock', () => {
    expect(only({ package: { skipLock: true } })).toMatchObject({
      id: 'package.ignoreActionLock',
      severity: 'warning',
      expected: 'Disabled',
    });
  });

  it('#63 is launched in a process group', () => {
    expect(only({ package: { processGroup: false } })).toMatchObject({
      id: 'package.launchInProcessGroup',
      severity: 'error',
      expected: 'Enabled',
    });
  });

  it('#64 has both files, as they come with this release', () => {
    const [first, second] = goodPackage.files;
    expect(told({ package: { files: first === undefined ? [] : [first] } })).toEqual([
      'error package.files.secureone_management.ps1',
    ]);
    expect(told({ package: { files: second === undefined ? [] : [second] } })).toEqual([
      'error package.files.expand_params.ps1',
    ]);
    const crlf = [
      file('expand_params.ps1', wrapper.replaceAll('\n', '\r\n')),
      file('secureone_management.ps1', `\uFEFF${management}`),
      file('readme.txt', 'x'),
    ];
    expect(told({ package: { files: crlf } })).toEqual([]);
    const signed = `${management}# SIG # Begin signature block\n# x\n# SIG # End signature block\n`;
    expect(told(withManagement(signed))).toEqual([]);
  });

  it('#64 has files of the version that the sensor has', () => {
    const old = withManagement(management.replace("'1.0.0'", "'0.9.0'"));
    expect(findingsIn(judged(old)).map(({ id, message }) => [id, message])).toEqual([
      [
        'package.files.secureone_management.ps1.hash',
        'The package holds version 0.9.0 of secureone_management.ps1, and should hold 1.0.0.',
      ],
      ['package.version', 'The sensor holds version 1.0.0 of secureone_management.ps1, and the package 0.9.0.'],
    ]);
    expect(only(withManagement(`${management}\nGet-Date\n`)).message).toContain('an altered copy');
  });

  it('#64 whose file Tanium could not fetch says so', () => {
    const files = goodPackage.files.map((one) => ({ ...one, cacheStatus: 'Error: 404' }));
    expect(told({ package: { files } })).toEqual([
      'error package.files.expand_params.ps1.cached',
      'error package.files.secureone_management.ps1.cached',
    ]);
  });

  it('of NPS-D’s own files is recognised, and replaced by nothing but manage: update', () => {
    const files = [file('expand_params.ps1', npsdWrapper, true), file('secureone_management.ps1', npsdScript, true)];
    const wrong = { package: { files } };
    expect(judged(wrong).verdicts.find(({ kind }) => kind === 'package')?.state).toBe('npsd');
    expect(findingsIn(judged(wrong)).map(({ message }) => message)).toEqual([
      "The package holds NPS-D's own expand_params.ps1, which does not speak with Trueup.",
      "The package holds NPS-D's own secureone_management.ps1, which does not speak with Trueup.",
    ]);
    expect(judged({ ...wrong, desired: managed('create') }).changes).toEqual([]);
    expect(judged({ ...wrong, desired: managed('update') }).changes).toMatchObject([
      { kind: 'content.update', subject: { object: 'package', property: 'files' } },
    ]);
  });

  it('of somebody else is changed in nothing, and so is one whose file nobody can read', () => {
    const foreign = file('secureone_management.ps1', 'Get-Date', true);
    for (const one of [foreign, { ...foreign, text: null }]) {
      const files = [file('expand_params.ps1', wrapper), one];
      const wrong = { package: { files, processGroup: false }, desired: managed('update') };
      expect(judged(wrong).verdicts.find(({ kind }) => kind === 'package')?.state).toBe('foreign');
      expect(judged(wrong).changes).toEqual([]);
    }
  });

  it('#65 takes exactly one text, EncodedCommand', () => {
    const one = { key: '$0', label: 'EncodedCommand', type: 'TextInputParameter' };
    const two = [one, { ...one, key: '$1', label: 'More' }];
    expect(only({ package: { parameters: two } })).toMatchObject({
      id: 'package.parameter.count',
      severity: 'error',
      expected: 'one, $0 EncodedCommand',
      actual: '$0 EncodedCommand, $1 More',
    });
    expect(only({ package: { parameters: [] } }).message).toContain('takes no parameter');
    expect(only({ package: { parameters: [{ ...one, label: 'Command' }] } })).toMatchObject({
      id: 'package.parameter.label',
      severity: 'warning',
    });
    expect(only({ package: { parameters: [{ ...one, type: 'DropDownParameter' }] } })).toMatchObject({
      id: 'package.parameter.type',
      severity: 'error',
    });
  });

  it('#66 shown with $0 needs offset 0, and with $1 offset 1 and $1 in the command', () => {
    const one = numbered(1, 1);
    expect(told({ package: one, options: { package_param_offset: 1 } })).toEqual([]);
    expect(told({ package: numbered(0, 0) })).toEqual([]);
  });

  it.each([
    [1, 1, 0, 'Set options.package_param_offset to 1: both the parameter and the command have $1.'],
    [0, 0, 1, 'Set options.package_param_offset to 0: both the parameter and the command have $0.'],
    [0, 1, 0, 'End the command with $0: parameter and option agree on it.'],
    [1, 0, 0, 'Give the package the parameter $0, and end its command with $0.'],
  ] as const)('#67 #168 with $%i as parameter, $%i in the command and offset %i: %s', (key, used, offset, remedy) => {
    const wrong = { package: numbered(key, used), options: { package_param_offset: offset } };
    const finding = only(wrong);
    expect(finding).toMatchObject({ id: 'package.parameter.offset', severity: 'error', remedy });
    const { changes } = judged({ ...wrong, desired: managed('update') });
    const properties = changes.map(({ subject }) => subject['property']).toSorted();
    // Parameter and command are one thing: one of them alone would send commands nowhere.
    expect(properties).toEqual([...(used === offset ? [] : ['command']), ...(key === offset ? [] : ['parameter'])]);
  });

  it('#175 is made whole where it is missing and wanted, with what it will be', () => {
    const wrong = { ...missing, desired: managed('create'), options: { package_param_offset: 1 as const } };
    expect(judged(wrong).changes).toMatchObject([
      {
        kind: 'content.create',
        subject: { object: 'package', content: 'NPSD Management' },
        to: {
          command: documentedCommand(1),
          commandTimeoutSeconds: 180,
          downloadTimeoutSeconds: 600,
          files: [expect.stringMatching(/^expand_params/), expect.stringMatching(/^secureone_management\.ps1 1\.0\.0/)],
        },
      },
    ]);
    expect(judged(wrong).restsScan).toBe(false);
    expect(judged({ ...missing, desired: { ...managed('create'), needsPackage: false } }).changes).toEqual([]);
  });
});

function withManagement(text: string): { readonly package: Partial<ObservedPackage> } {
  const [first] = goodPackage.files;
  const files = [...(first === undefined ? [] : [first]), file('secureone_management.ps1', text, true)];
  return { package: { files } };
}

function numbered(key: number, used: number): Partial<ObservedPackage> {
  const parameters = [{ key: `$${key}`, label: 'EncodedCommand', type: 'TextInputParameter' }];
  return { parameters, command: documentedCommand(used) };
}
