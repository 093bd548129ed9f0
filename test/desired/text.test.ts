import { describe, expect, it } from 'vitest';
import { document, error, expectFine, expectTold, placeOf, provider, read } from './repository.ts';

const account = document('LocalAccount', 'selector: {}\nname: breakglass');

async function toldOf(bytes: Uint8Array | string): Promise<string[]> {
  const { errors } = await read({ 'a.yaml': bytes, 'provider.yaml': provider() });
  return errors.map((problem) => `${placeOf(problem)} ${problem.code} ${problem.message}`);
}

describe('the bytes of a file', () => {
  it('may begin with a byte order mark, which moves no column', async () => {
    expect(await toldOf(`\ufeff${account}`)).toEqual([]);
    expect(await toldOf(`\ufeffapiVersion: trueup/v2\nkind: Exclusion`)).toContain(
      'a.yaml:1:13 TRUEUP_API_VERSION "trueup/v2" is not trueup/v1. Did you mean "trueup/v1"?',
    );
  });

  it('are UTF-8: the first byte that is not is named', async () => {
    const bytes = Buffer.concat([Buffer.from(`${account}# grün\n# gr`), Buffer.from([0xfc, 0x6e])]);
    expect(await toldOf(bytes)).toEqual(['a.yaml:8:5 TRUEUP_FILE_ENCODING The byte 0xfc is no part of a UTF-8 text.']);
    expect(await toldOf(Buffer.from(`\ufeff${account}`, 'utf16le'))).toEqual([
      'a.yaml:1:1 TRUEUP_FILE_ENCODING The file is UTF-16, not UTF-8.',
    ]);
  });

  it('hold no NUL, no control and nothing that reorders text', async () => {
    expect(await toldOf(`${account}# a\0b`)).toEqual([
      'a.yaml:7:4 TRUEUP_FILE_CHARACTER Here is a NUL character (U+0000), which nobody sees.',
    ]);
    expect(await toldOf(`${account}# \u202eadmin`)).toEqual([
      'a.yaml:7:3 TRUEUP_FILE_CHARACTER Here is a character that reorders text (U+202E), which nobody sees.',
    ]);
    expect(await toldOf(`${account}\ufeff`)).toEqual([
      'a.yaml:7:1 TRUEUP_FILE_CHARACTER Here is a byte order mark (U+FEFF), which nobody sees.',
    ]);
    await expectTold(
      document('LocalAccount', 'selector: {}\nname: breakglass\nfullName: ▸"a\\e[31mb"\ndescription: ▸"\\ud800"'),
      error('TRUEUP_FILE_CHARACTER', 'a control character (U+001B)'),
      error('TRUEUP_FILE_CHARACTER', 'half a character (U+D800)'),
    );
  });

  it('may end lines as Windows and as old Macs do, without a change of position', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      expect(await toldOf(`${account}mor: 1\n`.replaceAll('\n', end))).toEqual([
        'a.yaml:7:1 TRUEUP_KEY_UNKNOWN Unknown key "mor". Allowed here: apiVersion, kind, metadata, spec.',
      ]);
    }
  });

  it('are not read when there are 50 MB of them', async () => {
    const huge = Buffer.alloc(50 * 1024 * 1024, 'a: [{}, ');
    const started = performance.now();
    expect(await toldOf(huge)).toEqual(['a.yaml:1:1 TRUEUP_FILE_TOO_LARGE The file has 50 MB; at most 8 MB are read.']);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('YAML', () => {
  it('with several faults tells each line once, and reads the other documents', async () => {
    await expectTold(
      `a: ▸b: c\n---\n${account}mor▸: 1\n---\n- a\n▸b: c\n`.replace('mor▸', '▸mor'),
      error('TRUEUP_YAML_SYNTAX', 'A mapping cannot begin here'),
      error('TRUEUP_KEY_UNKNOWN'),
      error('TRUEUP_YAML_SYNTAX', 'cannot stand here'),
    );
  });

  it('is not quoted in messages, for it may hold a secret', async () => {
    const { errors } = await read({ 'a.yaml': 'apiKey: hunter2-secret: x\n  hunter2-secret\n- hunter2-secret' });
    expect(errors.length).toBeGreaterThan(0);
    expect(JSON.stringify(errors)).not.toContain('hunter2');
  });

  it('takes no tab as indentation', async () => {
    await expectTold('spec:\n▸\tname: x', error('TRUEUP_YAML_TAB'));
  });

  it('takes a key once', async () => {
    await expectTold(
      document('LocalAccount', 'selector: {}\nname: breakglass\n▸name: other'),
      error('TRUEUP_YAML_DUPLICATE_KEY', 'The key "name" stands here twice, in line 6 too.'),
    );
  });

  it('takes texts alone as keys', async () => {
    await expectTold(
      document(
        'ComputerPolicy',
        'selector:\n  labels:\n    ▸2024: a\n    ▸true: b\n    ▸? [x]\n    : c\n    ▸~: d'.replace('▸? [x]', '? ▸[x]'),
      ),
      error('TRUEUP_YAML_KEY', '2024 stands where a key must be a text'),
      error('TRUEUP_YAML_KEY', 'true stands'),
      error('TRUEUP_YAML_KEY', 'A list, a mapping or an alias'),
      error('TRUEUP_YAML_KEY', 'Nothing stands'),
    );
  });

  it('takes no merge keys, but anchors and aliases', async () => {
    await expectTold(
      document('ComputerPolicy', 'selector: &s { os: "Windows Server*" }\n▸<<: { scan: Enabled }'),
      error('TRUEUP_YAML_MERGE_KEY'),
    );
    await expectFine(document('ComputerPolicy', 'selector:\n  name: &n [SRV-*]\n  exclude: { name: *n }'));
  });

  it('takes no tags but those of its core, where they fit', async () => {
    await expectTold(
      document(
        'LocalAccount',
        'selector: !!map {}\nname: !!str breakglass\nfullName: !custom ▸x\ndescription: !!binary ▸aGk=\nenabled: !!int ▸x',
      ),
      error('TRUEUP_YAML_TAG', '"!custom"'),
      error('TRUEUP_YAML_TAG', 'binary'),
      error('TRUEUP_YAML_TAG', 'int'),
    );
  });

  it('is 1.2, whatever a directive asks for', async () => {
    await expectTold(`%YAML 1.1\n▸---\n${account}`, error('TRUEUP_YAML_VERSION', 'YAML 1.1'));
  });

  it('knows every alias from an anchor before it, and none inside its own', async () => {
    await expectTold(
      document('LocalAccount', 'selector: {}\nname: ▸*nope'),
      error('TRUEUP_YAML_ALIAS', 'No anchor "&nope" stands before this alias.'),
    );
    await expectTold(
      document('ComputerPolicy', 'selector: &s\n  exclude: ▸*s'),
      error('TRUEUP_YAML_ALIAS', 'inside its own anchor'),
    );
  });

  it('nests, and multiplies by aliases, within bounds', async () => {
    const deep = await toldOf(`${'['.repeat(60)}${']'.repeat(60)}`);
    expect(deep).toEqual([
      'a.yaml:1:42 TRUEUP_YAML_SIZE The document nests deeper than 40 levels, counting what aliases stand for.',
    ]);
    const laughs = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (const [index, name] of [...'bcdefghijk'].entries()) {
      laughs.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefghijk'[index]}`).join(', ')}]`);
    }
    const started = performance.now();
    const [first, ...others] = await toldOf(laughs.join('\n'));
    expect(first).toMatch(/^a\.yaml:1:\d+ TRUEUP_YAML_SIZE The document holds more than 200000 values/);
    expect(others).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  it('is not parsed when it has more marks than a configuration', async () => {
    const started = performance.now();
    expect(await toldOf('['.repeat(7_000_000))).toEqual([
      'a.yaml:1:1 TRUEUP_YAML_SIZE The file has more than 1000000 marks and words.',
    ]);
    expect(performance.now() - started).toBeLessThan(3000);
  });

  it('means the same to every reader: what 1.1 and 1.2 read differently is written out', async () => {
    await expectTold(
      document(
        'PasswordRotationPolicy',
        'selector: { name: [▸yes, ▸Off, "no", null-01] }\npriority: ▸010\naccounts: [{ name: ▸1_000 }]\nrotationDays: ▸0x1E\nretentionDays: 90\nwindows: [{ from: ▸22:00, to: "04:00" }]',
      ),
      error(
        'TRUEUP_YAML_AMBIGUOUS',
        'yes is a text in YAML 1.2 and true in YAML 1.1. Write true, or "yes" for the text.',
      ),
      error('TRUEUP_YAML_AMBIGUOUS', 'Off is a text in YAML 1.2 and false in YAML 1.1'),
      error('TRUEUP_YAML_AMBIGUOUS', '010 is 10 in YAML 1.2 and an octal number in YAML 1.1'),
      error('TRUEUP_YAML_AMBIGUOUS', '1_000'),
      error('TRUEUP_YAML_AMBIGUOUS', '0x1E'),
      error('TRUEUP_YAML_AMBIGUOUS', '22:00 is a text in YAML 1.2 and a number to the base of 60'),
    );
    await expectTold(
      document('ComputerPolicy', 'selector:\n  labels: { ▸on: x }\nenroll: ▸yes'),
      error('TRUEUP_YAML_AMBIGUOUS', 'on is'),
      error('TRUEUP_YAML_AMBIGUOUS', 'yes is'),
    );
  });

  it('may have documents of nothing but comments', async () => {
    await expectFine(`# only a comment\n---\n---\n# another\n---\n${account}...\n`);
  });
});

describe('#74 secrets', () => {
  const token = `token-${'0123456789abcdef'.repeat(4).slice(0, 58)}`;
  const key = '-----BEGIN RSA PRIVATE KEY-----';

  it('are never written out, wherever they stand', async () => {
    const reading = await expectTold(
      [
        document('LocalAccount', `selector: { name: ▸${token} }\nname: breakglass\nfullName: ▸"${key}"`),
        document(
          'Exclusion',
          `selector: { name: x }\nuntil: 2026-06-30\nreason: see ▸https://u:hunter2@h/x`.replace('see ▸', '▸see '),
          'y',
        ),
        document('ComputerPolicy', `selector: { labels: { ▸${token}: a } }`, 'z'),
      ].join('---\n'),
      error('TRUEUP_SECRET_LITERAL', 'a Tanium API token'),
      error('TRUEUP_SECRET_LITERAL', 'a private key'),
      error('TRUEUP_SECRET_LITERAL', 'a URL with a password'),
      error('TRUEUP_SECRET_LITERAL', 'a Tanium API token'),
    );
    for (const secret of [token, 'hunter2', 'BEGIN RSA']) expect(JSON.stringify(reading.errors)).not.toContain(secret);
  });

  it('do not stand where a reference belongs, and no message repeats them', async () => {
    const reading = await expectTold(
      document(
        'EdrProvider',
        'apiBaseUrl: https://acme-api.cloud.tanium.com\napiKey: ▸hunter2\nproxy:\n  url: http://proxy:3128\n  username: svc\n  password: ▸hunter2',
      ),
      error('TRUEUP_SECRET_LITERAL', '{env: NAME}'),
      error('TRUEUP_SECRET_LITERAL', '{env: NAME}'),
    );
    expect(JSON.stringify(reading.errors)).not.toContain('hunter2');
  });

  it('are not shown either when they stand in the reference itself', async () => {
    const reading = await expectTold(
      [
        document('EdrProvider', 'apiBaseUrl: { env: A }\napiKey: { env: ▸hunter2! }'),
        document('EdrProvider', 'apiBaseUrl: { env: A }\napiKey: { command: ▸vault hunter2 }', 'y'),
        document('EdrProvider', `apiBaseUrl: { env: A }\napiKey: { ▸${token}: x }`, 'z'),
        document('EdrProvider', 'apiBaseUrl: { env: A }\n▸apiKey: { env: A, file: b }', 'w'),
      ].join('---\n'),
      error('TRUEUP_VALUE', 'no name of an environment variable'),
      error('TRUEUP_TYPE', 'a list'),
      error('TRUEUP_SECRET_LITERAL'),
      error('TRUEUP_KEY_COMBINATION', 'Exactly one of env, file and command'),
    );
    for (const secret of [token, 'hunter2']) expect(JSON.stringify(reading.errors)).not.toContain(secret);
  });
});
