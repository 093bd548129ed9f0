import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Schema, schemaOf } from '../../src/desired/schemas.ts';
import type { RotationPolicy } from '../../src/model/desired.ts';
import { defaultRotation } from '../../src/model/rotation.ts';
import { desiredOf, document, error, expectFine, expectTold, provider, read } from './repository.ts';

function rotation(spec: string, name = 'r'): string {
  return document('PasswordRotationPolicy', `selector: {}\n${spec}`, name);
}

async function compiled(spec: string): Promise<RotationPolicy> {
  const { rotations } = await desiredOf({ 'p.yaml': provider(), 'r.yaml': rotation(spec) });
  return rotations[0] as RotationPolicy;
}

const publicPem = (bits: number): string =>
  generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ type: 'spki', format: 'pem' }).toString();

/** As a block scalar of YAML, its lines indented. */
const block = (text: string, indent: string): string =>
  `|\n${text
    .trim()
    .split('\n')
    .map((line) => `${indent}${line}`)
    .join('\n')}`;

describe('#191 a PasswordRotationPolicy', () => {
  it('becomes what its accounts are to have, and what is left out is not spoken of', async () => {
    expect(await compiled('accounts: [{ builtin: administrator }, { name: Corp_Breakglass }]')).toEqual({
      ref: { kind: 'PasswordRotationPolicy', name: 'r', source: { file: 'r.yaml', line: 1 } },
      selector: {},
      priority: 0,
      accounts: [{ builtin: 'administrator' }, { name: 'Corp_Breakglass' }],
    });
    const pem = publicPem(2048);
    const whole = await compiled(
      [
        'priority: 3',
        'accounts: [{ name: a }]',
        'rotationDays: 7',
        'retentionDays: 365',
        'minutesAfterReveal: 15',
        'complexity: { minLength: 24, minSpecial: 0, excludeChars: "zaz" }',
        'generator: controller',
        'dependents: ignore',
        'windows: [{ days: [Sat], from: "22:00", to: "04:00", timeZone: Europe/Berlin }]',
        `recoveryKeys:\n  - file: keys/a.pem\n  - pem: ${block(pem, '      ')}`,
        'sink: { command: [tee, /dev/null] }',
        'value: { command: [vault, read] }',
      ].join('\n'),
    );
    expect(whole).toMatchObject({
      priority: 3,
      rotationDays: 7,
      retentionDays: 365,
      minutesAfterReveal: 15,
      complexity: { ...defaultRotation.complexity, minLength: 24, minSpecial: 0, excludeChars: 'az' },
      generator: 'controller',
      dependents: 'ignore',
      windows: [{ days: ['Sat'], from: 22 * 60, to: 4 * 60, timeZone: 'Europe/Berlin', source: { line: 14 } }],
      recoveryKeys: [{ file: 'keys/a.pem' }, { pem }],
      sink: { command: ['tee', '/dev/null'] },
      value: { command: ['vault', 'read'] },
    });
  });

  it('has the defaults that its schema tells', () => {
    const { spec } = schemaOf('PasswordRotationPolicy').properties as { spec: Schema };
    const { complexity, ...fields } = defaultRotation;
    for (const [field, value] of Object.entries(fields)) {
      const told = spec.properties?.[field]?.default;
      if (told !== undefined) expect(told, field).toBe(value);
      else expect([null, 0], field).toContain(Array.isArray(value) ? value.length : value);
    }
    for (const [field, value] of Object.entries(complexity)) {
      expect(spec.properties?.['complexity']?.properties?.[field]?.default ?? null, field).toBe(value);
    }
  });

  it('leaves out what looks alike, besides what it excludes', async () => {
    const { complexity } = await compiled(
      'accounts: [{ name: a }]\ncomplexity: { avoidLookAlikes: true, excludeChars: "~0" }',
    );
    expect(complexity?.excludeChars).toBe("',.01:;IO`lo|~");
  });

  it('can ask for words, of which the minima by class say nothing', async () => {
    const { complexity } = await compiled('accounts: [{ name: a }]\ncomplexity: { words: 5 }');
    expect(complexity).toEqual({
      minLength: 8,
      minDigits: 0,
      minUppercase: 0,
      minLowercase: 0,
      minSpecial: 0,
      excludeChars: '',
      words: 5,
    });
  });
});

describe('what no password can be', () => {
  const accounts = 'accounts: [{ name: a }]\n';

  it.each([
    [
      'words with a minimum of their own',
      '{ words: 5, minDigits: ▸3 }',
      'TRUEUP_KEY_COMBINATION',
      'it has no minDigits',
    ],
    [
      'words that are too few for its length',
      '{ words: 3, minLength: ▸21 }',
      'TRUEUP_PASSWORD_IMPOSSIBLE',
      'has 20 characters',
    ],
    ['words without what parts them', '{ words: 3, excludeChars: ▸"-" }', 'TRUEUP_PASSWORD_IMPOSSIBLE', 'every hyphen'],
    ['words without vowels', '{ words: 4, excludeChars: ▸"aeiou" }', 'TRUEUP_PASSWORD_IMPOSSIBLE', 'every vowel'],
    [
      'of one class, which is excluded with what looks alike',
      '{ avoidLookAlikes: true, minDigits: 3, excludeChars: ▸"23456789" }',
      'TRUEUP_PASSWORD_IMPOSSIBLE',
      'No password has 3 digits when excludeChars leaves out all of them',
    ],
  ] as const)('is one of %s', async (_, complexity, code, says) => {
    await expectTold(rotation(`${accounts}complexity: ${complexity}`), error(code, says));
  });

  it('is one of words from an external vault on a device that makes its own', async () => {
    await expectTold(
      rotation(`${accounts}value: ▸{ command: [vault] }`),
      error('TRUEUP_KEY_COMBINATION', 'Only with generator: controller'),
    );
    await expectFine(rotation(`${accounts}generator: controller\nvalue: { command: [vault] }`));
    await expectFine(rotation(`${accounts}complexity: { words: 3, minLength: 20, avoidLookAlikes: true }`));
  });
});

describe('a recovery key', () => {
  const keys = (value: string): string => rotation(`accounts: [{ name: a }]\nrecoveryKeys:\n  - pem: ▸${value}`);

  it('is a public one of RSA, and long enough', async () => {
    await expectTold(keys('"no key"'), error('TRUEUP_VALUE', 'no public key in PEM'));
    await expectTold(keys(block(publicPem(1024), '      ')), error('TRUEUP_VALUE', 'has 1024 bits, and 2048'));
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await expectTold(keys(block(pem, '      ')), error('TRUEUP_VALUE', 'of type ed25519'));
  });

  it('that is private is refused, and never shown', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expectTold(keys(block(pem, '      ')), error('TRUEUP_SECRET_LITERAL', 'a private key'));
    const reading = await read({ 'p.yaml': provider(), 'r.yaml': keys(block(pem, '      ')).replace('▸', '') });
    expect(reading.errors).toHaveLength(1);
    expect(JSON.stringify(reading.errors)).not.toContain(pem.split('\n')[3]);
  });

  it('and what is done with a password, are of one mind in all policies of an account', async () => {
    await expectTold(
      {
        'a.yaml': rotation('accounts: [{ name: a }]\nsink: { command: [one] }', 'a'),
        'b.yaml': rotation('accounts: [{ name: a }]\nsink: ▸{ command: [two] }', 'b'),
      },
      error('TRUEUP_POLICY_CONTRADICTION', 'sink of a is one thing here and another at a.yaml:7'),
    );
  });
});
