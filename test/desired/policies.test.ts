import { describe, expect, it } from 'vitest';
import { postureTypeOf } from '../../src/desired/posture-paths.ts';
import { postureItems } from '../../src/endpoint/posture/items.ts';
import { typeOf } from '../../src/endpoint/posture.ts';
import { document, error, expectFine, expectTold, provider, read, warning } from './repository.ts';

function computers(spec: string, name: string): string {
  return document('ComputerPolicy', spec, name);
}

function membership(spec: string, name: string): string {
  return document('LocalGroupMembership', spec, name);
}

describe('#189 a member', () => {
  it('is not declared both in and out of a group in one document', async () => {
    await expectTold(
      membership(
        'selector: {}\nmembers:\n  - { name: CORP\\x }\n  - { name: ▸corp\\X, access: absent }\n  - { sid: S-1-5-21-1-2-3-1105, access: jita }\n  - { sid: ▸S-1-5-21-1-2-3-1105, access: absent }',
        'a',
      ),
      error('TRUEUP_MEMBER_CONTRADICTION', '"corp\\X" is absent here and persistent at a.yaml:7.'),
      error('TRUEUP_MEMBER_CONTRADICTION', 'is absent here and jita at a.yaml:9.'),
    );
  });

  it('is one principal whether by name or by SID, where any document pairs the two', async () => {
    const sid = 'S-1-5-21-1-2-3-1105';
    await expectTold(
      {
        'a.yaml': membership(`selector: {}\nmembers: [{ name: CORP\\x }, { sid: ▸${sid}, access: absent }]`, 'a'),
        'b.yaml': membership(`selector: {}\ngroup: S-1-5-32-555\nmembers: [{ name: CORP\\x, sid: ${sid} }]`, 'b'),
      },
      error('TRUEUP_MEMBER_CONTRADICTION', `"${sid}" is absent here and persistent at a.yaml:6.`),
    );
  });

  it('is not declared both in and out by documents of one priority that may meet on a device', async () => {
    await expectTold(
      {
        'a.yaml': membership('selector: { os: "Windows Server*" }\nmembers: [{ name: CORP\\x }]', 'a'),
        'b.yaml': membership('selector: { name: SRV-* }\nmembers:\n  - { name: ▸CORP\\x, access: absent }', 'b'),
      },
      error(
        'TRUEUP_MEMBER_CONTRADICTION',
        '"CORP\\x" in S-1-5-32-544 is absent here and persistent at a.yaml:6 (LocalGroupMembership "a"), both of priority 0, and nothing proves that their selectors never match one device.',
      ),
    );
  });

  it('may be in here and out there where groups, priorities or selectors keep the documents apart', async () => {
    const a = membership('selector: { name: SRV-* }\nmembers: [{ name: CORP\\x }]', 'a');
    for (const other of [
      'selector: { name: WS-* }\nmembers: [{ name: CORP\\x, access: absent }]',
      'selector: { name: SRV-* }\npriority: 1\nmembers: [{ name: CORP\\x, access: absent }]',
      'selector: { name: SRV-* }\ngroup: S-1-5-32-555\nmembers: [{ name: CORP\\x, access: absent }]',
      'selector: { exclude: { name: SRV-* } }\nmembers: [{ name: CORP\\x, access: absent }]',
      'selector: { name: SRV-* }\nmembers: [{ name: x, access: absent }]',
      'selector: { name: SRV-* }\nmode: exact\nmembers: [{ name: CORP\\y }]',
    ]) {
      await expectFine({ 'a.yaml': a, 'b.yaml': membership(other, 'b') });
    }
  });

  it('that stands twice comes with a warning', async () => {
    await expectTold(
      membership('selector: {}\nmembers: [{ name: x }, { name: ▸.\\X }]', 'a'),
      warning('TRUEUP_MEMBER_TWICE', 'at a.yaml:6 too'),
    );
  });

  it('whose time has ended is an error', async () => {
    await expectTold(
      membership('selector: {}\nmembers: [{ name: x, until: ▸2026-03-01 }, { name: y, until: 2026-03-02 }]', 'a'),
      error('TRUEUP_EXPIRED', 'ended with 2026-03-01'),
    );
  });
});

describe('a pattern', () => {
  it('that a name could keep busy is refused wherever it stands', async () => {
    await expectTold(
      {
        'a.yaml': computers('selector: { name: [SRV-*, ▸"/(a+)+/"], exclude: { labels: { site: ▸"/(/" } } }', 'a'),
        'b.yaml': membership('selector: {}\nmembers: []\nkeep: [▸"/x/i"]', 'b'),
      },
      error('TRUEUP_PATTERN', '"/(a+)+/" repeats something that repeats'),
      error('TRUEUP_PATTERN', 'no regular expression'),
      error('TRUEUP_PATTERN', 'has flags'),
    );
  });
});

describe('policies of one priority', () => {
  it('do not contradict each other on a device that both may select', async () => {
    await expectTold(
      {
        'a.yaml': computers('selector: { os: "Windows Server*" }\nscan: Enabled\nprotect: JITA\nmaxScanAge: 1d', 'a'),
        'b.yaml': computers('selector: { domain: corp.example }\nscan: Enabled\nprotect: ▸Deny\nmaxScanAge: ▸2d', 'b'),
      },
      error('TRUEUP_POLICY_CONTRADICTION', 'protect is Deny here and JITA at a.yaml:7 (ComputerPolicy "a")'),
      error('TRUEUP_POLICY_CONTRADICTION', 'maxScanAge is 2d here and 1d at a.yaml:8'),
    );
  });

  it('are compared in the same run where a value of one is at fault', async () => {
    await expectTold(
      {
        'a.yaml': computers('selector: {}\nscan: ▸Enabeld\nprotect: JITA', 'a'),
        'b.yaml': computers('selector: {}\nofflineAccess: ▸Custom\nprotect: ▸Deny', 'b'),
      },
      error('TRUEUP_VALUE', 'Enabeld'),
      error('TRUEUP_OFFLINE_ACCESS'),
      error('TRUEUP_POLICY_CONTRADICTION', 'protect is Deny here and JITA at a.yaml:7'),
    );
  });

  it('are not compared where it is not certain what one of them is about', async () => {
    await expectTold(
      {
        'a.yaml': computers('selector: {}\n▸prioritty: 5\nprotect: JITA', 'a'),
        'b.yaml': computers('selector: { ▸nam: X }\nprotect: Deny', 'b'),
        'c.yaml': computers('selector: {}\npriority: ▸"9"\nprotect: Disabled', 'c'),
      },
      error('TRUEUP_KEY_UNKNOWN'),
      error('TRUEUP_KEY_UNKNOWN'),
      error('TRUEUP_TYPE'),
    );
  });

  it('about one account agree on each property', async () => {
    await expectTold(
      {
        'a.yaml': document('LocalAccount', 'selector: {}\nname: breakglass\nenabled: true\ndescription: one', 'a'),
        'b.yaml': document('LocalAccount', 'selector: {}\nname: BreakGlass\nenabled: ▸false\nfullName: x', 'b'),
        'c.yaml': document('LocalAccount', 'selector: {}\nname: breakglass\nensure: ▸absent', 'c'),
        'd.yaml': document('LocalAccount', 'selector: {}\nbuiltin: administrator\nenabled: false', 'd'),
      },
      error('TRUEUP_POLICY_CONTRADICTION', 'enabled of breakglass is false here and true at a.yaml:7'),
      error('TRUEUP_POLICY_CONTRADICTION', 'ensure of breakglass is absent here and present at a.yaml:6'),
    );
  });

  it('about the passwords of one account agree too, and about recovery', async () => {
    await expectTold(
      {
        'a.yaml': document('PasswordRotationPolicy', 'selector: {}\naccounts: [{ name: a }]\nrotationDays: 30', 'a'),
        'b.yaml': document('PasswordRotationPolicy', 'selector: {}\naccounts: [{ name: A }]\nrotationDays: ▸60', 'b'),
        'c.yaml': computers('selector: {}\nrecovery: [{ name: x, how: safe }]', 'c'),
        'd.yaml': computers('selector: {}\nrecovery: ▸[{ name: y, how: safe }]', 'd'),
      },
      error('TRUEUP_POLICY_CONTRADICTION', 'rotationDays of a is 60 here and 30 at a.yaml:7'),
      error('TRUEUP_POLICY_CONTRADICTION', 'recovery is one thing here and another at c.yaml:6'),
    );
  });

  it('may say the same in other words', async () => {
    await expectFine({
      'a.yaml': computers('selector: {}\nmaxScanAge: 1d\nrecovery: [{ name: x, how: safe }]', 'a'),
      'b.yaml': computers('selector: {}\nmaxScanAge: 24h\nrecovery: [{ how: safe, name: x }]', 'b'),
    });
  });

  it('that a fault keeps from being read whole are not compared', async () => {
    const { errors } = await read({
      'a.yaml': computers('selector: { name: SRV-* }\nprotect: JITA', 'a'),
      'b.yaml': computers('selector: { nam: WS-* }\nprotect: Deny', 'b'),
    });
    expect(errors.map(({ code }) => code)).toEqual(['TRUEUP_KEY_UNKNOWN']);
  });

  it('are told once each, however many there are', async () => {
    const many = Array.from({ length: 60 }, (_, index) =>
      computers(`selector: {}\nprotect: ${index % 2 === 0 ? 'JITA' : 'Deny'}`, `p${index}`),
    );
    const { errors } = await read({ 'a.yaml': many.join('---\n') });
    expect(errors.length).toBe(59);
  });
});

describe('#13 a policy that only Protect can carry out', () => {
  const disabled = computers('selector: { os: "Windows*" }\nprotect: Disabled', 'scan-only');
  const wanted: [string, string][] = [
    ['#10 #11 members', membership('selector: ▸{ os: Windows 11 }\nmembers: [{ name: CORP\\x }]', 'm')],
    ['#4 #5 #6 #9 accounts', document('LocalAccount', 'selector: ▸{ os: [Windows 10, windows 11] }\nname: a', 'a')],
    ['#7 passwords', document('PasswordRotationPolicy', 'selector: ▸{ os: "windows*" }\naccounts: [{ name: a }]', 'r')],
  ];
  it.each(wanted)('is an error where every device of it has Protect Disabled: %s', async (_, policy) => {
    await expectTold(
      { 'a.yaml': disabled, 'b.yaml': policy },
      error('TRUEUP_PROTECT_DISABLED', 'has protect: Disabled (a.yaml:6)'),
    );
  });

  it('is left to the guard where that is not certain', async () => {
    const members = (selector: string): string =>
      membership(`selector: ${selector}\nmembers: [{ name: CORP\\x }]`, 'm');
    const fine: Record<string, string>[] = [
      // Some of its devices may be under another policy, or under none.
      { 'a.yaml': disabled, 'b.yaml': members('{}') },
      { 'a.yaml': disabled, 'b.yaml': members('{ os: "*11*" }') },
      {
        'a.yaml': disabled,
        'b.yaml': members('{ os: Windows 11 }'),
        'c.yaml': computers('selector: { name: WS-1 }\npriority: 1\nprotect: JITA', 'c'),
      },
      // Drift is recorded, and nothing else is wanted.
      {
        'a.yaml': disabled,
        'b.yaml': members('{ os: Windows 11 }'),
        'c.yaml': computers('selector: {}\nenforcement: observe', 'c'),
      },
      {
        'a.yaml': disabled,
        'b.yaml': membership('selector: { os: Windows 11 }\nmembers: [{ name: CORP\\x, access: jita }]', 'm'),
      },
      { 'b.yaml': members('{ os: Windows 11 }') },
    ];
    for (const files of fine) await expectFine(files);
  });

  it('is an error where a weaker policy alone would enable Protect', async () => {
    await expectTold(
      {
        'a.yaml': computers('selector: {}\npriority: 5\nprotect: Disabled', 'a'),
        'b.yaml': computers('selector: { name: SRV-* }\npriority: 1\nprotect: JITA', 'b'),
        'c.yaml': membership('selector: ▸{ name: SRV-* }\nmembers: [{ name: CORP\\x }]', 'm'),
      },
      error('TRUEUP_PROTECT_DISABLED'),
    );
  });
});

describe('#6 built-in accounts', () => {
  it('are neither deleted nor taken out of Administrators', async () => {
    await expectTold(
      {
        'a.yaml': document('LocalAccount', 'selector: {}\nbuiltin: administrator\nensure: ▸absent', 'a'),
        'b.yaml': document('LocalAccount', 'selector: {}\nname: Guest\nensure: ▸absent', 'b'),
        'c.yaml': membership('selector: {}\nmembers: [{ builtin: ▸administrator, access: absent }]', 'c'),
        'd.yaml': membership(
          'selector: {}\ngroup: S-1-5-32-555\nmembers: [{ builtin: administrator, access: absent }]',
          'd',
        ),
      },
      error('TRUEUP_BUILT_IN', 'RID 500'),
      error('TRUEUP_BUILT_IN', '"Guest" is a built-in account'),
      error('TRUEUP_BUILT_IN', 'cannot leave Administrators'),
    );
  });

  it('and others have no properties once they are absent', async () => {
    await expectTold(
      document('LocalAccount', 'selector: {}\nname: old\nensure: ▸absent\nenabled: false\nfullName: x'),
      error('TRUEUP_KEY_COMBINATION', 'An account that is absent has no enabled or fullName.'),
    );
  });
});

describe('passwords', () => {
  it('can be made: no more characters than Windows takes, and some of each class', async () => {
    await expectTold(
      {
        'a.yaml': document(
          'PasswordRotationPolicy',
          'selector: {}\naccounts: [{ name: a }]\ncomplexity: ▸{ minDigits: 100, minUppercase: 30 }',
          'a',
        ),
        'b.yaml': document(
          'PasswordRotationPolicy',
          'selector: {}\naccounts: [{ name: b }]\ncomplexity: { excludeChars: ▸"0123456789" }',
          'b',
        ),
        'c.yaml': document(
          'PasswordRotationPolicy',
          'selector: {}\naccounts: [{ name: c }]\ncomplexity: { minDigits: 0, excludeChars: "0123456789" }',
          'c',
        ),
        'd.yaml': document('PasswordRotationPolicy', 'selector: {}\naccounts: [{ name: d }, { name: ▸D }]', 'd'),
      },
      error('TRUEUP_PASSWORD_IMPOSSIBLE', 'The minima come to 136 characters'),
      error('TRUEUP_PASSWORD_IMPOSSIBLE', 'No password has 3 digits'),
      warning('TRUEUP_MEMBER_TWICE'),
    );
  });
});

describe('what begins and ends', () => {
  it('is an error for an exclusion that has ended, whose last day counts whole', async () => {
    const exclusion = (until: string): string =>
      document('Exclusion', `selector: { name: SRV-1 }\nuntil: ${until}\nreason: x`);
    await expectTold(exclusion('▸2026-03-01'), error('TRUEUP_EXPIRED', 'The exclusion ended with 2026-03-01.'));
    await expectTold(exclusion('▸"2026-03-02T09:20:00Z"'), error('TRUEUP_EXPIRED'));
    await expectFine(exclusion('2026-03-02'));
    await expectFine(exclusion('"2026-03-02T10:20:01+01:00"'));
  });

  it('lasts 24 hours at most for a grant', async () => {
    const grant = (from: string, until: string): string =>
      document('AccessGrant', `member: { name: CORP\\x }\nselector: {}\nfrom: "${from}"\nuntil: ${until}\nreason: x`);
    await expectFine(grant('2026-03-02T10:00:00Z', '"2026-03-03T10:00:00Z"'));
    await expectTold(grant('2026-03-02T10:00:00Z', '▸"2026-03-03T11:30:00Z"'), error('TRUEUP_PERIOD', '25.5 hours'));
    await expectTold(
      grant('2026-03-02T10:00:00Z', '▸"2026-03-02T10:00:00Z"'),
      error('TRUEUP_PERIOD', 'before it begins'),
    );
    await expectTold(
      grant('2026-03-01T10:00:00Z', '▸"2026-03-01T12:00:00Z"'),
      warning('TRUEUP_EXPIRED', 'Take it out.'),
    );
  });

  it('is neither empty nor the other way round', async () => {
    await expectTold(
      document(
        'Rollout',
        'maintenanceWindows: [{ from: "22:00", to: ▸"22:00" }]\nwaves: [{ size: ▸rest }, { size: 5 }]\ngate: { success: 99%, within: 5m }\nfreeze: { from: 2026-12-19, until: ▸2026-12-01, reason: x }',
      ),
      error('TRUEUP_PERIOD', 'empty, or the whole day'),
      error('TRUEUP_VALUE', 'no wave can follow it'),
      error('TRUEUP_PERIOD', 'before it begins'),
    );
  });

  it('has waves that can be told apart, and a gate between them', async () => {
    await expectTold(
      document(
        'Rollout',
        'gate: { success: 99%, within: 5m }\nwaves: [{ name: a, size: 5 }, { name: ▸a, size: rest }]',
      ),
      error('TRUEUP_VALUE', 'Two waves are called a'),
    );
    await expectTold(
      document('Rollout', 'gate: ▸{ success: 99%, within: 5m }'),
      warning('TRUEUP_VALUE', 'everything goes in one'),
    );
    await expectTold(document('Rollout', 'canaries: ▸{ devices: 5 }'), warning('TRUEUP_VALUE', 'declare a gate'));
  });

  it('that is over is said, where it is a suspension', async () => {
    await expectTold(
      document('Rollout', 'freeze: false\nsuspend: { reason: INC-1, until: ▸2026-03-01 }'),
      warning('TRUEUP_EXPIRED', 'The suspension ended with 2026-03-01.'),
    );
  });
});

describe('#8 checks of a baseline', () => {
  it('compare with what their operator can compare with', async () => {
    await expectTold(
      document(
        'ComplianceBaseline',
        `selector: {}
checks:
  - { path: tpm.enabled, op: exists, value: ▸1 }
  - { path: rdp.nla, op: ▸equals }
  - { path: laps.mode, op: in, value: ▸ad }
  - { path: uac.enabled, op: equals, value: ▸[true] }
  - { path: os.build, op: atLeast, value: ▸new }
  - { path: laps.mode, id: laps, op: matches, value: ▸"/(a+)+/" }
  - { path: powershell.version, op: atLeast, value: "5.1" }
  - { path: ▸powershell.version, op: equals, value: "5.1" }
  - { id: ntlm, path: ntlm.level, op: notIn, value: [1, 2] }`,
      ),
      error('TRUEUP_VALUE', 'exists compares with nothing'),
      error('TRUEUP_VALUE', 'equals needs a value'),
      error('TRUEUP_VALUE', 'in needs a list'),
      error('TRUEUP_VALUE', 'not with a list'),
      error('TRUEUP_VALUE', 'a number, or a version'),
      error('TRUEUP_VALUE', 'repeats something that repeats'),
      error('TRUEUP_VALUE', 'A check "powershell.version" stands at a.yaml:13 already'),
    );
  });

  it('compare with what their item can be', async () => {
    await expectTold(
      document(
        'ComplianceBaseline',
        `selector: {}
checks:
  - { path: powershell.version, op: atLeast, value: ▸5.1 }
  - { path: ntlm.level, op: atLeast, value: ▸"5" }
  - { path: ntlm.level, id: half, op: equals, value: ▸2.5 }
  - { path: smb.requireSigning, op: equals, value: ▸1 }
  - { path: uac.enabled, op: atLeast, value: ▸1 }
  - { path: rdp.nla, op: matches, value: ▸o* }
  - { path: uac.adminPrompt, op: in, value: ▸[1, two] }`,
      ),
      error('TRUEUP_VALUE', 'powershell.version is a text, in quotes, and 5.1 is not.'),
      error('TRUEUP_VALUE', 'ntlm.level is a whole number, and "5" is not.'),
      error('TRUEUP_VALUE', 'ntlm.level is a whole number, and 2.5 is not.'),
      error('TRUEUP_VALUE', 'smb.requireSigning is true or false, and 1 is not.'),
      error('TRUEUP_VALUE', 'which has no order; take equals'),
      error('TRUEUP_VALUE', 'which no pattern matches'),
      error('TRUEUP_VALUE', 'uac.adminPrompt is a whole number, and "two" is not.'),
    );
  });

  it('name items that a device may report, and no other', async () => {
    await expectTold(
      document(
        'ComplianceBaseline',
        `selector: {}
checks:
  - { path: ▸smb.requiresigning, op: equals, value: true }
  - { path: ▸firewall.guest, op: equals, value: true }
  - { path: ▸wifi.psk, op: exists }
  - { path: ▸constructor, op: exists }`,
      ),
      error('TRUEUP_VALUE', 'is no item of the posture. Did you mean "smb.requireSigning"?'),
      error('TRUEUP_VALUE', 'There is firewall.domain, firewall.private, firewall.public.'),
      error('TRUEUP_VALUE', 'docs/posture.md lists them all.'),
      error('TRUEUP_VALUE', '"constructor" is no item of the posture.'),
    );
  });

  it('know every item that the endpoint script may report, and its type', () => {
    const types = postureItems.map(({ path, readings }) => [path, typeOf(readings[0]?.form)]);
    expect(types.map(([path = '']) => [path, postureTypeOf(path)])).toEqual(types);
    expect(postureTypeOf('toString')).toBeNull();
  });

  it('are of one sensor', async () => {
    await expectTold(
      {
        'a.yaml': document('TaniumContent', 'postureSensor: { name: Posture A }', 'a'),
        'b.yaml': document('TaniumContent', 'postureSensor: ▸{ name: Posture B }', 'b'),
      },
      error('TRUEUP_CONTENT_MISMATCH', 'The posture sensor is declared at a.yaml:5 already.'),
    );
    const own = 'is the sensor that reports accounts and groups';
    await expectTold(
      document('TaniumContent', 'sensor: { name: Ours }\npostureSensor: { name: ▸Ours }'),
      error('TRUEUP_CONTENT_MISMATCH', own),
    );
    await expectTold(
      {
        'a.yaml': document('TaniumContent', 'postureSensor: { name: ▸NPS Admin Members }'),
        'p.yaml': provider('options: { sensor_name: NPS Admin Members }'),
      },
      error('TRUEUP_CONTENT_MISMATCH', own),
    );
  });
});
