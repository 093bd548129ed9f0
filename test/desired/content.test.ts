/** TaniumContent, compiled: defaults, sections of several documents, and what the policies need of it. */
import { describe, expect, it } from 'vitest';
import type { DesiredContent } from '../../src/model/content.ts';
import { desiredOf, document, provider, read } from './repository.ts';

async function contentOf(files: Readonly<Record<string, string>>): Promise<DesiredContent> {
  return (await desiredOf({ 'p.yaml': provider(), ...files })).content;
}

describe('content that nobody declares', () => {
  it('#37 has the settings of the integration', async () => {
    const content = await contentOf({});
    expect(content).toMatchObject({
      ref: null,
      manage: 'report',
      wantsPosture: false,
      needsPackage: false,
      computerGroups: [],
      apiToken: { name: null, expires: null, warnDays: 14, minimumRights: false },
      sensor: {
        name: null,
        contentSet: 'Base',
        category: 'Security',
        maxAgeSeconds: null,
        maxStringAgeSeconds: 86_400,
        maxStrings: 10_000,
        script: { own: 'secureone_management.ps1' },
        otherPlatforms: null,
        backgroundCollection: true,
        declared: [],
      },
      package: {
        name: null,
        command: null,
        commandTimeoutSeconds: 180,
        downloadTimeoutSeconds: 600,
        ignoreActionLock: false,
        parameterLabel: 'EncodedCommand',
      },
    });
    expect(content.package.files.map(({ name }) => name)).toEqual(['expand_params.ps1', 'secureone_management.ps1']);
  });

  it('#54 #55 needs a package where a policy changes devices, and where Protect is JITA or Deny', async () => {
    const needs = async (kind: Parameters<typeof document>[0], spec: string): Promise<boolean> =>
      (await contentOf({ 'a.yaml': document(kind, spec) })).needsPackage;
    expect(await needs('ComputerPolicy', 'selector: {}\nscan: Enabled')).toBe(false);
    expect(await needs('ComputerPolicy', 'selector: {}\nprotect: Disabled')).toBe(false);
    expect(await needs('ComputerPolicy', 'selector: {}\nprotect: JITA')).toBe(true);
    expect(await needs('ComputerPolicy', 'selector: {}\nprotect: Deny')).toBe(true);
    expect(await needs('LocalGroupMembership', 'selector: {}\nmembers: [{ sid: S-1-5-21-1-2-3-1105 }]')).toBe(true);
    expect(await needs('LocalAccount', 'selector: {}\nname: ops')).toBe(true);
    expect(await needs('PasswordRotationPolicy', 'selector: {}\naccounts: [{ name: a }]')).toBe(true);
    expect(
      await needs('ComplianceBaseline', 'selector: {}\nchecks: [{ path: tpm.enabled, op: equals, value: true }]'),
    ).toBe(false);
  });
});

describe('content of several documents', () => {
  it('is one: each section where somebody wrote it, computer groups of all', async () => {
    const content = await contentOf({
      'a.yaml': document(
        'TaniumContent',
        'manage: create\nsensor: { maxAge: 20m, maxStrings: Disabled, otherPlatforms: Not available on Linux }\ncomputerGroups: [{ name: A }]',
        'a',
      ),
      'b.yaml': document(
        'TaniumContent',
        'contentSet: NPS-D\npackage: { files: [{ path: signed/expand_params.ps1 }], parameter: { label: Command, type: text } }\ncomputerGroups: [{ name: B, purpose: bulk, maxExtraPercent: 2 }]\napiToken: { name: NPS-D Integration Token, expires: 2027-03-31, minimumRights: true }',
        'b',
      ),
    });
    expect(content).toMatchObject({
      ref: { kind: 'TaniumContent', name: 'a', source: { file: 'a.yaml', line: 1 } },
      manage: 'create',
      sensor: {
        contentSet: 'NPS-D',
        maxAgeSeconds: 1200,
        maxStrings: null,
        otherPlatforms: 'Not available on Linux',
        declared: ['maxAge', 'maxStrings', 'otherPlatforms'],
        source: { file: 'a.yaml', line: 6 },
      },
      package: {
        contentSet: 'NPS-D',
        parameterLabel: 'Command',
        files: [
          {
            name: 'expand_params.ps1',
            script: { path: 'signed/expand_params.ps1', sha256: null, source: { file: 'b.yaml', line: 6 } },
          },
        ],
      },
      computerGroups: [
        { name: 'A', purpose: 'scan', maxExtraPercent: 5 },
        { name: 'B', purpose: 'bulk', maxExtraPercent: 2 },
      ],
      apiToken: { name: 'NPS-D Integration Token', expires: '2027-03-31', minimumRights: true },
    });
  });

  it('is at fault where a section is declared twice, and says where', async () => {
    const { errors } = await read({
      'p.yaml': provider(),
      'a.yaml': document('TaniumContent', 'manage: create\nsensor: { maxAge: 10m }', 'a'),
      'b.yaml': document('TaniumContent', 'manage: update\nsensor: { maxAge: 20m }', 'b'),
    });
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['TRUEUP_CONTENT_MISMATCH', 'manage is declared at a.yaml:5 already.'],
      ['TRUEUP_CONTENT_MISMATCH', 'The sensor is declared at a.yaml:6 already.'],
    ]);
  });

  it.each([
    ['#42', 'resultType: Number'],
    ['#46', 'ignoreCase: true'],
    ['#47', 'hidden: true'],
    ['#48', 'splitColumns: true'],
  ])('%s cannot ask of the sensor what the integration does not bear: %s', async (_, wrong) => {
    const { errors } = await read({
      'p.yaml': provider(),
      'a.yaml': document('TaniumContent', `sensor: { ${wrong} }`),
    });
    expect(errors).toHaveLength(1);
    expect(errors[0]?.path).toBe(`spec.sensor.${wrong.split(':')[0]}`);
  });

  it('#74 never holds the token itself', async () => {
    const { errors } = await read({
      'p.yaml': provider(),
      'a.yaml': document('TaniumContent', 'apiToken: { name: x, value: token-0123456789abcdef }'),
    });
    expect(errors.map(({ path }) => path)).toContain('spec.apiToken.value');
    expect(JSON.stringify(errors)).not.toContain('0123456789abcdef');
  });
});
