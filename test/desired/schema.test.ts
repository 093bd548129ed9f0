import { describe, expect, it } from 'vitest';
import { document, error, expectFine, expectTold, provider, read } from './repository.ts';

describe('what a document is', () => {
  it('is told once of YAML that is none of Trueup', async () => {
    await expectTold(
      {
        'a.yaml': '▸apiVersion: v1\nkind: Pod\nspec: { containers: [] }',
        'b.yaml': '▸stages: [build]\nbuild: { script: make }',
        'c.yaml': '▸- a list',
        'd.yaml': '▸just a text',
        'e.yaml': '▸apiVersion: { a: b }\nkind: [c]',
      },
      error('TRUEUP_DOCUMENT_UNKNOWN', 'its apiVersion is "v1"'),
      error('TRUEUP_DOCUMENT_UNKNOWN', 'it has no kind'),
      error('TRUEUP_DOCUMENT_UNKNOWN', 'this is a list'),
      error('TRUEUP_DOCUMENT_UNKNOWN', 'this is "just a text"'),
      error('TRUEUP_DOCUMENT_UNKNOWN', 'its apiVersion is a mapping'),
    );
  });

  it('is decided by its kind, and the nearest one is suggested', async () => {
    await expectTold(
      'apiVersion: trueup/v1\nkind: ▸ComputrPolicy\n---\napiVersion: trueup/v1\nkind: ▸Frobnicate\n---\n▸apiVersion: trueup/v1\nmetadata: { name: x }',
      error('TRUEUP_KIND_UNKNOWN', 'There is no kind "ComputrPolicy". Did you mean "ComputerPolicy"?'),
      error('TRUEUP_KIND_UNKNOWN', 'It is one of EdrProvider, TaniumContent,'),
      error('TRUEUP_KIND_UNKNOWN', 'The key "kind" is missing.'),
    );
  });

  it('has the one apiVersion, and the rest is checked all the same', async () => {
    await expectTold(
      'apiVersion: ▸npsd/v1\nkind: LocalAccount\nmetadata: { name: x }\nspec: { selector: {}, name: a, ▸enable: true }\n---\n▸kind: LocalAccount\nmetadata: { name: y }\nspec: { selector: {}, name: b }',
      error('TRUEUP_API_VERSION', '"npsd/v1" is not trueup/v1'),
      error('TRUEUP_KEY_UNKNOWN', 'Did you mean "enabled"?'),
      error('TRUEUP_API_VERSION', 'Write apiVersion: trueup/v1.'),
    );
  });
});

describe('keys', () => {
  it('that nobody knows are errors at the key, with what was meant or what there is', async () => {
    const { errors } = await expectTold(
      document(
        'LocalGroupMembership',
        'selector: { ▸nmae: SRV-* }\n▸moed: exact\nmembers:\n  - { name: CORP\\x, ▸acess: absent }\n  - { name: CORP\\y, ▸zzz: 1 }\n▸limits: { maxRemovalsPerRun: 5 }',
      ),
      error('TRUEUP_KEY_UNKNOWN', 'Unknown key "nmae". Did you mean "name"?'),
      error('TRUEUP_KEY_UNKNOWN', 'Did you mean "mode"?'),
      error('TRUEUP_KEY_UNKNOWN', 'Did you mean "access"?'),
      error('TRUEUP_KEY_UNKNOWN', 'Allowed here: sid, name, builtin, access, owner, reason, until.'),
      error('TRUEUP_KEY_UNKNOWN', 'Allowed here: selector, priority, group, mode, members, keep.'),
    );
    expect(errors.map(({ path }) => path)).toEqual([
      'spec.selector.nmae',
      'spec.moed',
      'spec.members[0].acess',
      'spec.members[1].zzz',
      'spec.limits',
    ]);
  });

  it('that are missing are told where they should stand; a misspelt one is told once', async () => {
    const { errors } = await expectTold(
      [
        'apiVersion: trueup/v1\nkind: LocalGroupMembership\n▸metadata: { labels: { a: b } }\n▸spec:\n  selector: {}\n',
        document('Exclusion', 'selector: {}\n▸untill: 2027-01-01\nreason: x', 'y'),
        document('PasswordRotationPolicy', 'selector: {}\naccounts: [▸{}]', 'z'),
      ].join('---\n'),
      error('TRUEUP_KEY_MISSING', 'The key "name" is missing.'),
      error('TRUEUP_KEY_MISSING', 'The key "members" is missing.'),
      error('TRUEUP_KEY_UNKNOWN', 'Did you mean "until"?'),
      error('TRUEUP_KEY_COMBINATION', 'It needs name or builtin.'),
    );
    expect(errors.map(({ path }) => path)).toEqual([
      'metadata.name',
      'spec.members',
      'spec.untill',
      'spec.accounts[0]',
    ]);
  });

  it('exclude or need each other', async () => {
    await expectTold(
      [
        document('LocalAccount', 'selector: {}\nname: a\nbuiltin: administrator').replace('spec:', '▸spec:'),
        document('LocalGroupMembership', 'selector: {}\nmembers:\n  - ▸owner: me', 'm'),
        provider('▸proxy: { url: "http://proxy:3128", password: { env: P } }', 'p'),
        document('Rollout', 'budgets:\n  ▸removals: { floor: 5 }', 'r'),
        document('ComputerPolicy', 'selector:\n  exclude: ▸[]', 'c'),
      ].join('---\n'),
      error('TRUEUP_KEY_COMBINATION', 'name and builtin exclude each other; keep one.'),
      error('TRUEUP_KEY_COMBINATION', 'It needs sid, name or builtin.'),
      error('TRUEUP_KEY_COMBINATION', 'password needs username beside it.'),
      error('TRUEUP_KEY_COMBINATION', 'It needs absolute or percent.'),
      error('TRUEUP_LIMIT', 'The list needs at least one item.'),
    );
  });

  it('are no names that JavaScript knows', async () => {
    await expectTold(
      document(
        'ComputerPolicy',
        'selector: { labels: { __proto__: x, constructor: y } }\n▸__proto__: { protect: Deny }\n▸toString: x',
      ),
      error('TRUEUP_KEY_UNKNOWN', '__proto__'),
      error('TRUEUP_KEY_UNKNOWN', 'toString'),
    );
  });
});

describe('values', () => {
  it('#103 have the type of their field: no number in quotes, no fraction, no truth value in quotes', async () => {
    await expectTold(
      provider(`options:
  sensor_max_age_seconds: ▸"600"
  action_timeout_seconds: ▸1200.5
  bulk_scan_enabled: ▸"false"
  bulk_scan_batch_size: ▸true
  sensor_name: ▸600
  package_name: ▸[a]
  bulk_scan_group: ▸~`),
      error('TRUEUP_TYPE', '"600" is a text, and the field takes a whole number: write it without quotes.'),
      error('TRUEUP_TYPE', '1200.5 is no whole number.'),
      error('TRUEUP_TYPE', '"false" is a text, and the field takes true or false: write it without quotes.'),
      error('TRUEUP_TYPE', 'true is a truth value, and the field takes a whole number.'),
      error('TRUEUP_TYPE', '600 is a number, and the field takes a text: put it in quotes.'),
      error('TRUEUP_TYPE', 'This is a list, and the field takes a text.'),
      error('TRUEUP_TYPE', 'The key has no value; it takes a text.'),
    );
    await expectFine(provider('options: { action_timeout_seconds: 1200.0 }'));
  });

  it('that are nothing are told at their key', async () => {
    await expectTold(
      document('LocalGroupMembership', '▸selector:\nmembers:\n  - name: CORP\\x'),
      error('TRUEUP_TYPE', 'The key has no value; it takes a mapping.'),
    );
  });

  it('#104 stay within hard limits', async () => {
    await expectTold(
      provider(`options:
  sensor_max_age_seconds: ▸0
  action_timeout_seconds: ▸-5
  bulk_scan_retry_attempts: ▸101
  sensor_name: ▸""
  package_name: ▸${'x'.repeat(257)}`),
      error('TRUEUP_LIMIT', '0 is below the limit of 1.'),
      error('TRUEUP_LIMIT', '-5 is below the limit of 1.'),
      error('TRUEUP_LIMIT', '101 is above the limit of 100.'),
      error('TRUEUP_LIMIT', 'An empty text is not allowed here.'),
      error('TRUEUP_LIMIT', 'has 257 characters; at most 256 are allowed.'),
    );
  });

  it('#67 #79 #91 are one of those that there are: a parameter is $0 or $1, a provider tanium_cloud', async () => {
    await expectTold(
      [
        provider('options: { package_param_offset: ▸2 }\nrecommendedRanges: ▸warm\nprovider: ▸crowdstrike'),
        document(
          'LocalGroupMembership',
          'selector: {}\nmode: ▸exclusive\nmembers: [{ name: CORP\\x, access: ▸persistant }]',
          'm',
        ),
      ].join('---\n'),
      error('TRUEUP_VALUE', '2 is not one of 0 or 1.'),
      error('TRUEUP_VALUE', 'Did you mean "warn"?'),
      error('TRUEUP_VALUE', '"crowdstrike" is not tanium_cloud.'),
      error('TRUEUP_VALUE', 'Did you mean "exact"?'),
      error('TRUEUP_VALUE', 'Did you mean "persistent"?'),
    );
  });

  it('#115 of Protect say which of its two modes is meant', async () => {
    await expectTold(
      document('ComputerPolicy', 'selector: {}\nprotect: ▸Enabled'),
      error(
        'TRUEUP_VALUE',
        '"Enabled" is not one of Disabled, JITA and Deny. Enabled is two things in NPS-D: say JITA or Deny.',
      ),
    );
  });

  it('#112 of Offline Access are Unmanaged, with the reason', async () => {
    for (const strategy of ['BestPractices', 'ManagedBuiltIn', 'Custom', 'unmanaged']) {
      await expectTold(
        document('ComputerPolicy', `selector: {}\nofflineAccess: ▸${strategy}`),
        error('TRUEUP_OFFLINE_ACCESS', 'Offline Access Management is not supported with Tanium, so only Unmanaged is.'),
      );
    }
  });

  it('#24 of the NPS-D version are of a release that has the integration', async () => {
    for (const version of ['"2.22.12"', '"2.22.13"', '"26.03"', '"26.03.1"', '"26.9.0"', '"27.01"']) {
      await expectFine(provider(`npsdVersion: ${version}`));
    }
    for (const version of ['"2.22.11"', '"2.21.14"', '"2.23.0"', '"25.12"', '"25.12.3"', '"26.02"', 'newest']) {
      await expectTold(provider(`npsdVersion: ▸${version}`), error('TRUEUP_NPSD_VERSION', '26.03 or later'));
    }
    await expectTold(provider('npsdVersion: ▸26.03'), error('TRUEUP_TYPE', 'put it in quotes'));
  });

  it('of times, zones, spans and shares are what they say', async () => {
    await expectTold(
      document(
        'Rollout',
        `minObserved: ▸101
gate: { success: ▸"120%", within: ▸20 }
waves: [{ size: ▸many }, { size: "10%" }]
maintenanceWindows: [{ from: ▸"24:00", to: "04:00", timeZone: ▸Europe/Berlim }]
suspend: { reason: x, until: ▸2026-02-30 }`,
      ),
      error('TRUEUP_LIMIT', '101 is above the limit of 100.'),
      error('TRUEUP_VALUE', 'no share from 0% to 100%'),
      error('TRUEUP_TYPE', 'put it in quotes'),
      error('TRUEUP_VALUE', 'neither a number, nor a share such as 10%, nor rest'),
      error('TRUEUP_VALUE', 'no time of the day'),
      error('TRUEUP_VALUE', 'Did you mean "Europe/Berlin"?'),
      error('TRUEUP_VALUE', 'neither a day, such as 2026-03-31'),
    );
    await expectTold(
      document(
        'AccessGrant',
        'member: { name: CORP\\x }\nselector: {}\nfrom: ▸2026-03-02\nuntil: ▸2026-03-02 24:01\nreason: x',
      ),
      error('TRUEUP_VALUE', 'no point in time with its zone'),
      error('TRUEUP_VALUE', 'no point in time with its zone'),
    );
  });

  it('of names and paths have their forms', async () => {
    await expectTold(
      [
        provider(`name: ▸" Production"
fields: { collections: { computers: ▸$cmd }, computer: { os: ▸"a..b" } }`),
        document('LocalAccount', 'selector: {}\nname: a\ndescription: ▸"two\\nlines"', 'a'),
        document('TaniumContent', `sensor: { maxStringAge: ▸Off-ish, script: { path: s.ps1, sha256: ▸abc } }`, 't'),
        document(
          'PasswordRotationPolicy',
          'selector: {}\naccounts: [{ name: a }]\nwindows: [{ days: ▸[Sat, Sat], from: "22:00", to: "04:00" }]',
          'r',
        ),
      ].join('---\n'),
      error('TRUEUP_VALUE', 'begins or ends with a blank'),
      error('TRUEUP_VALUE', 'no name of a MongoDB collection'),
      error('TRUEUP_VALUE', 'no dotted path'),
      error('TRUEUP_VALUE', 'more than one line'),
      error('TRUEUP_VALUE', 'neither a number nor Disabled'),
      error('TRUEUP_VALUE', '64 hexadecimal digits'),
      error('TRUEUP_LIMIT', 'An item stands twice in the list.'),
    );
  });
});

describe('all faults of a document', () => {
  it('are told in one run: those of its schema, and those that need a closer look', async () => {
    await expectTold(
      document(
        'LocalGroupMembership',
        'selector: {}\n▸mod: exact\nmembers:\n  - { sid: ▸S-1-5-32-545 }\n  - { builtin: ▸administrator, access: absent }\n  - { name: CORP\\x }\n  - { name: ▸corp\\X, access: absent }\n  - { name: CORP\\y, until: ▸2025-12-31 }',
      ),
      error('TRUEUP_KEY_UNKNOWN'),
      error('TRUEUP_SID'),
      error('TRUEUP_BUILT_IN'),
      error('TRUEUP_MEMBER_CONTRADICTION'),
      error('TRUEUP_EXPIRED'),
    );
  });

  it('of all files come sorted by file, line and column', async () => {
    const bad = document('LocalAccount', 'b: 1\na: 1\nselector: {}\nname: x');
    const { errors } = await read({ 'z.yaml': bad, 'a/b.yaml': bad, 'a.yaml': `${bad}---\n${bad}` });
    const places = errors
      .filter(({ code }) => code === 'TRUEUP_KEY_UNKNOWN')
      .map(({ file, line }) => `${file}:${line}`);
    expect(places).toEqual([
      'a.yaml:5',
      'a.yaml:6',
      'a.yaml:14',
      'a.yaml:15',
      'a/b.yaml:5',
      'a/b.yaml:6',
      'z.yaml:5',
      'z.yaml:6',
    ]);
  });
});
