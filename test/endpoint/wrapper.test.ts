/** `expand_params.ps1` itself, and that `parse.ts` reads exactly what it reads. */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  type Command,
  type CommandParameters,
  isSwitch,
  type ParameterName,
  parameterNames,
} from '../../src/endpoint/command.ts';
import { asciiJson } from '../../src/endpoint/json.ts';
import { CommandRefused, decodeParameter, parseCommands } from '../../src/endpoint/parse.ts';
import { mutants } from './mutants.ts';
import { pwsh, runFile, scripts, startLoop } from './powershell.ts';

type Words = readonly string[];

/** A case of test/vectors/wrapper: a parameter, or the text that is in it. */
interface Case {
  readonly name: string;
  readonly parameter?: string;
  readonly text?: string;
  readonly fill?: string;
  readonly times?: number;
  readonly after?: string;
  /** What is to be run, as the script gets it; absent: it is refused. */
  readonly commands?: readonly Words[];
}

const folder = new URL('../vectors/wrapper/', import.meta.url);

function cases(file: string): readonly Case[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

const hostile = readdirSync(folder)
  .filter((file) => file.endsWith('.json') && file !== 'accepted.json')
  .map((file) => ({ file, list: cases(file) }));

function parameterOf({ parameter, text = '', fill = '', times = 0, after = '' }: Case): string {
  return parameter ?? base64(text + fill.repeat(times) + after);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** Null: refused. */
function read(parameter: string): Command[] | null {
  try {
    return parseCommands(decodeParameter(parameter));
  } catch (error) {
    if (error instanceof CommandRefused) return null;
    throw error;
  }
}

/** Throws where a list is not names of the table, each once, with a constant behind each that is no switch. */
function commandOf(words: Words): Command {
  const values = new Map<string, string | true>();
  for (let at = 0; at < words.length; at += 1) {
    const name = String(words[at]).slice(1);
    if (words[at] !== `-${name}` || values.has(name)) throw new Error(`${words[at]} is no name, or is given twice`);
    if (isName(name) && isSwitch(name)) {
      values.set(name, true);
      continue;
    }
    at += 1;
    const value = words[at];
    if (!isName(name) && name !== 'Target' && name !== 'Action') throw new Error(`-${name} is not of the table`);
    if (typeof value !== 'string' || value.startsWith('-')) throw new Error(`-${name} has no value`);
    values.set(name, value);
  }
  const target = String(values.get('Target') ?? 'General');
  const action = String(values.get('Action') ?? 'Inventory');
  values.delete('Target');
  values.delete('Action');
  return { target, action, parameters: Object.fromEntries(values) as CommandParameters };
}

function isName(name: string): name is ParameterName {
  return parameterNames.includes(name as ParameterName);
}

/** What the script's check answers; see expand_params.loop.ps1. */
interface Checked {
  readonly words: readonly Words[] | null;
  readonly tree: readonly Words[] | null;
}

/** In place of the script: prints each argument behind a NUL, in Base64, since a console has its own encoding. */
const printArguments = `
$words = $args
if ($TrueupCall.Refusal) { $words = @('refused') }
$text = -join ($words | ForEach-Object { [char]0 + $_ })
[Console]::Out.WriteLine([Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($text)))
if ($TrueupCall.Refusal) { exit 64 } else { exit 0 }
`;

const handful = [
  { name: 'all parameters', exit: 0 },
  { name: 'Chinese, Japanese and Korean', exit: 0 },
  { name: 'what would be code outside of quotes', exit: 0 },
  { name: 'plain Get-Date', exit: 0 },
  { name: 'a sub-expression', exit: 64 },
  { name: 'UTF-16', exit: 64 },
];

const loopFile = join(scripts, 'test', 'expand_params.loop.ps1');
const perLine = 500;

/** In as many processes as there are blocks to be had; the answers in order. */
async function check(parameters: readonly string[], processes: number): Promise<Checked[]> {
  const blocks = Array.from({ length: Math.ceil(parameters.length / perLine) }, (_, at) =>
    parameters.slice(at * perLine, (at + 1) * perLine),
  );
  const answers: Checked[][] = [];
  const left = blocks.entries();
  const work = async (): Promise<void> => {
    const loop = startLoop(loopFile);
    for (const [at, block] of left) answers[at] = JSON.parse(await loop.ask(asciiJson(block)));
    loop.end();
  };
  await Promise.all(Array.from({ length: processes }, work));
  return answers.flat();
}

describe('the corpus of the wrapper', () => {
  it('has at least 200 texts to be refused, of different names', () => {
    const all = hostile.flatMap(({ list }) => list);
    expect(all.length).toBeGreaterThanOrEqual(200);
    expect(new Set(all.map(parameterOf)).size).toBe(all.length);
  });

  it('lets every parameter of the table through once, so that the script knows the same names', () => {
    const words = cases('accepted.json').find(({ name }) => name === 'all parameters')?.commands?.[0];
    const names = words?.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
    expect(names?.toSorted()).toEqual(['Target', 'Action', ...parameterNames].toSorted());
  });

  describe.each(hostile)('of $file', ({ list }) => {
    it.each(list)('#154 has no $name that parse.ts lets through', (entry) => {
      expect(read(parameterOf(entry))).toBeNull();
    });
  });

  it.each(cases('accepted.json'))('#153 lets $name through unharmed', (entry) => {
    expect(read(parameterOf(entry))).toEqual(entry.commands?.map(commandOf));
  });
});

describe.skipIf(pwsh === null)('expand_params.ps1', { timeout: 120_000 }, () => {
  const place = mkdtempSync(join(tmpdir(), 'trueup-wrapper-'));
  afterAll(() => rmSync(place, { recursive: true }));

  it.each(handful)('#157 as the package starts it: $exit for $name', ({ name, exit }) => {
    copyFileSync(join(scripts, 'expand_params.ps1'), join(place, 'expand_params.ps1'));
    writeFileSync(join(place, 'secureone_management.ps1'), printArguments);
    const entry = [...cases('accepted.json'), ...hostile.flatMap(({ list }) => list)].find((one) => one.name === name);
    const ran = runFile('expand_params.ps1', [encodeURIComponent(parameterOf(entry ?? { name }))], place);
    expect(ran).toMatchObject({ exit, stderr: '' });
    const printed = ran.lines.map((line) => Buffer.from(line, 'base64').toString('utf8').split('\0').slice(1));
    expect(printed).toEqual(entry?.commands ?? [['refused']]);
    expect(readdirSync(place).toSorted()).toEqual(['expand_params.ps1', 'secureone_management.ps1']);
  });

  it('refuses and lets through the corpus as parse.ts does, word for word', async () => {
    const refused = hostile.flatMap(({ list }) => list);
    const accepted = cases('accepted.json');
    const answers = await check([...refused, ...accepted].map(parameterOf), 1);
    const through = refused.filter((_, at) => answers[at]?.words !== null);
    expect(through.map(({ name }) => name)).toEqual([]);
    expect(answers.slice(refused.length).map(({ words }) => words)).toEqual(accepted.map(({ commands }) => commands));
  });

  it('refuses by tokens and nodes alone whatever its look before them refuses, but for strange blanks', async () => {
    const refused = hostile.flatMap(({ list }) => list);
    const answers = await check(refused.map(parameterOf), 1);
    const through = refused.filter((_, at) => answers[at]?.tree !== null).map(({ name }) => name);
    const blanks = ['a no-break space', 'a next line', 'a vertical tab', 'a form feed', 'an ideographic space'];
    const counted = ['no command', 'blanks alone', 'semicolons alone', '65 commands'];
    const known = [...blanks, 'an en space', 'an Ogham space', 'NUL in a constant', ...counted];
    expect(through.filter((name) => !known.includes(name))).toEqual([]);
  });

  // A twentieth of what CI tries, so that everybody's tests stay within their time.
  const count = Number(process.env['TRUEUP_MUTANTS'] ?? 5000);
  const seed = Number(process.env['TRUEUP_SEED'] ?? 5);

  it(`lets through of ${count} mutants (seed ${seed}) only what has the shape, and the same as parse.ts`, {
    timeout: 600_000,
  }, async () => {
    const list = mutants(seed, count);
    const answers = await check(list, 2);
    const wrong: object[] = [];
    let through = 0;
    for (const [at, parameter] of list.entries()) {
      const { words = null, tree = null } = answers[at] ?? {};
      if (words !== null) through += 1;
      const ours = read(parameter);
      const theirs = words?.map(commandOf) ?? null;
      tree?.map(commandOf);
      if (JSON.stringify(ours) !== JSON.stringify(theirs)) wrong.push({ parameter, ours, theirs });
    }
    expect(wrong.slice(0, 20)).toEqual([]);
    // Else this would prove little.
    expect(through).toBeGreaterThan(count / 10);
    expect(through).toBeLessThan(count / 2);
  });
});
