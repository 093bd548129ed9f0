/** `trueup encode` as an administrator types it, by the real process. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsOfText, commandsOfWords } from '../../src/commands/command-words.ts';
import { decodeParameter, parseCommands } from '../../src/endpoint/parse.ts';
import { TrueupError } from '../../src/errors.ts';
import { root } from '../e2e/trueup.ts';
import { expectGolden } from '../golden.ts';

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** `input` null: standard input is empty and closed. */
function encode(words: readonly string[], input: string | null = null): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bin/trueup'), 'encode', ...words], {
      env: { ...process.env, NO_COLOR: '1' },
    });
    const said = { out: '', err: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said.err += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, ...said }));
    child.stdin.end(input ?? '');
  });
}

describe('trueup encode', () => {
  it('writes the value alone, and says on standard error what it is and how to run it by hand', async () => {
    const { code, out, err } = await encode(['--', '-Target', 'LocalGroup', '-Action', 'MemberList']);
    expect(code).toBe(0);
    expectGolden('encode-out.txt', out);
    expectGolden('encode-err.txt', err);
    expect(parseCommands(decodeParameter(out.trim()))).toEqual([
      { target: 'LocalGroup', action: 'MemberList', parameters: {} },
    ]);
  });

  it('#151 takes names as they are, and several commands with a semicolon between them', async () => {
    const words =
      "--json -- -target localuser -action setproperty -UserName Jürgen -PropertyKey FullName,Description -PropertyValue O'Hara -PropertyValue";
    const { code, out, err } = await encode([
      ...words.split(' '),
      'a, b',
      ...'; -Target LocalUser -Action Get -UserRID 500'.split(' '),
    ]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expectGolden('encode.json', out);
    const [parameter] = JSON.parse(out).parameters;
    expect(parseCommands(decodeParameter(parameter.value))).toEqual([
      {
        target: 'LocalUser',
        action: 'SetProperty',
        parameters: {
          UserNameB64: 'SsO8cmdlbg==',
          PropertyKey: 'FullName,Description',
          PropertyValuesB64: 'TydIYXJh,YSwgYg==',
        },
      },
      { target: 'LocalUser', action: 'Get', parameters: { UserRID: '500' } },
    ]);
  });

  it('reads one command a line from standard input, and says where one is wrong', async () => {
    const lines =
      ".\\secureone_management.ps1 -Target LocalUser -Action List\n\n-Target LocalUser -Action Get -UserName 'a; b'\n";
    const { code, out, err } = await encode(['--quiet'], lines);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(parseCommands(decodeParameter(out.trim())).map(({ parameters }) => parameters)).toEqual([
      {},
      { UserNameB64: 'YTsgYg==' },
    ]);
    const wrong = await encode([], `${lines}-Target LocalUser -Action Get -UserID 500\n`);
    expect({ code: wrong.code, out: wrong.out }).toEqual({ code: 1, out: '' });
    expectGolden('encode-error.txt', wrong.err);
  });

  it('shares out what is too long for one value, and says in which order they run', async () => {
    const commands = Array.from(
      { length: 130 },
      (_, index) => `-Target LocalUser -Action Get -UserRID ${1000 + index}`,
    );
    const { code, out, err } = await encode([], commands.join('\n'));
    expect(code).toBe(0);
    const values = out.trim().split('\n');
    expect(values.length).toBeGreaterThan(2);
    expect(err).toContain(`Value 1 of ${values.length}: `);
    expect(err).toContain('Run a value only after the one before it has ended with exit code 0.');
    const rids = values.flatMap((value) => parseCommands(decodeParameter(value)).map((one) => one.parameters.UserRID));
    expect(rids).toEqual(commands.map((line) => line.split(' ').at(-1)));
  });

  it.each([[[]], [['--']], [['--', ';']]])('needs a command: %j', async (words) => {
    const { code, out, err } = await encode(words);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('There is no command to encode.');
  });

  it('answers a mistake in JSON where JSON was asked for', async () => {
    const { code, out } = await encode(['--json', '--', '-Target', 'Registry']);
    expect(code).toBe(1);
    expect(JSON.parse(out).error).toMatchObject({
      code: 'TRUEUP_USAGE',
      message: 'There is no target "Registry": -Target is one of General, LocalGroup, LocalUser.',
    });
  });
});

function complaint(words: string): string {
  try {
    commandsOfWords(words.split(' '));
  } catch (error) {
    if (error instanceof TrueupError && error.code === 'TRUEUP_USAGE') return error.message;
    throw error;
  }
  return 'none';
}

describe('a command that the device would refuse', () => {
  it.each([
    [
      '-Target Registry -Action List',
      '#144 There is no target "Registry": -Target is one of General, LocalGroup, LocalUser.',
    ],
    [
      '-Target LocalGroup -Action Format',
      '#145 There is no action "Format" of target LocalGroup, which has List, MemberList, AddMember, RemoveMember.',
    ],
    ['-Target LocalUser -Action Get -UserNme x', '"-UserNme" is no parameter of the script. Did you mean -UserName?'],
    ['-Target LocalUser -Action Get extra', '"extra" is no parameter of the script.'],
    ['-Target LocalUser -Action Get -UserRID', '-UserRID has no value.'],
    ['-Target LocalUser -Action Get -UserRID -NoMeta', '-UserRID has no value.'],
    ['-Target LocalUser -Action Get -UserRID 5x', '-UserRID is not a RID.'],
    ['-Target LocalUser -Action Get -UserRID 500 -userrid 501', '-UserRID is given twice.'],
    ['-Target LocalUser -Action Get -UserName a -UserName b', '-UserName is given twice.'],
    ['-Target LocalUser -Action Get -UserNameB64 ops', '-UserNameB64 is not a Base64.'],
    ['-Target LocalUser -Action Get', 'LocalUser.Get needs -UserRID or -UserNameB64.'],
    ['-Target LocalUser -Action Enable -UserRID 500 -GroupSID S-1-5-32-544', 'LocalUser.Enable takes no -GroupSID.'],
    [
      '-Target LocalUser -Action Enable -UserRID 500 -NoMeta',
      '-NoMeta does not go with LocalUser.Enable: the report of a change says whose it is.',
    ],
    [
      '-Target LocalUser -Action SetPassword -UserRID 500 -Password hunter2',
      '"-Password" is no parameter of the script.',
    ],
  ])('%s: %s', (words, message) => {
    expect(complaint(words)).toBe(message.replace(/^#\d+ /, ''));
  });

  it.each(["-Target 'LocalUser", '-Target LocalUser"x"', '-Target "$(calc)"', "-Target 'a'b"])(
    'is not read from %s',
    (line) => {
      expect(() => commandsOfText(line)).toThrow(TrueupError);
    },
  );
});
