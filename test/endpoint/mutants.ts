/** Parameters that are almost good: commands of the contract, changed at random. One seed, one sequence. */
import { alike, hostile, script } from './hostile.ts';

/** Numbers from 0 to below 1, the same for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = ReturnType<typeof randomOf>;

const good: readonly string[] = [
  script,
  'Get-Date',
  `${script} -NoMeta -SimpleResult`,
  `${script} -Target LocalUser -Action Enable -UserRID '500'`,
  `${script} -Target LocalGroup -Action MemberList -GroupSID S-1-5-32-544 -NoMeta`,
  `${script} -Target LocalGroup -Action AddMember -GroupSID 'S-1-5-32-544' -MemberSID '~-1001,S-1-5-21-1-2-3-500'`,
  `${script} -Target LocalUser -Action SetProperty -UserNameB64 'TcO8bGxlcg==' -PropertyKey 'FullName' -PropertyValuesB64 '5pel5pys'`,
  `${script} -Target LocalUser -Action Rename -UserRID 1001 -PropertyValuesB64 'T+KAmUJyaWVu'`,
  `${script} -Target 'Größe' -Action '日本語' -RotationId 'O''Brien, O’’Brien'`,
  `${script} -Target \u2018LocalUser\u2019 -RotationId '; calc | $(calc) # "'`,
  `${script} -Target LocalUser -Action Enable -UserRID '500'\n${script} -Target LocalUser -Action Disable -UserRID '501'`,
  `${script} -NoMeta;\r\n\t${script}  -Target  General ; ${script} -Action SelfTest\r\n`,
];

/** One less than there may be. Seldom taken, for it takes as long as all the others. */
const many: string = Array.from({ length: 63 }, () => `${script} -NoMeta`).join('\n');

const words = /'[^']*'|[^\s';]+|\s+|[';]/g;

/** `count` parameters as Tanium would carry them, in Base64 most of the time, whose texts are at most a little wrong. */
export function mutants(seed: number, count: number): string[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => mutant(random));
}

function mutant(random: Random): string {
  let text = random() < 0.01 ? many : pick(random, good);
  const changes = 1 + Math.floor(random() * 3);
  for (let change = 0; change < changes; change += 1) text = pick(random, textChanges)(text, random);
  let bytes = Buffer.from(text, 'utf8');
  if (random() < 0.1) bytes = changedBytes(bytes, random);
  const value = bytes.toString('base64');
  const fate = random();
  if (fate < 0.03) return changedValue(value, random);
  return fate < 0.2 ? percentEncoded(value, random) : value;
}

type Change = (text: string, random: Random) => string;

const textChanges: readonly Change[] = [
  spliced,
  spliced,
  exchanged,
  exchanged,
  reworded,
  recased,
  withoutChar,
  withChar,
];

/** Something of the dictionary between two characters, or between two words. */
function spliced(text: string, random: Random): string {
  const found = pick(random, hostile);
  if (random() < 0.4) {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + found + text.slice(at);
  }
  const parts = text.match(words) ?? [];
  parts.splice(below(random, parts.length + 1), random() < 0.4 ? 1 : 0, random() < 0.5 ? ` ${found} ` : found);
  return parts.join('');
}

/** One character for one that looks like it. */
function exchanged(text: string, random: Random): string {
  const places = [...text].flatMap((char, at) => (alike.has(char) ? [at] : []));
  if (places.length === 0) return text;
  const chars = [...text];
  const at = pick(random, places);
  chars[at] = pick(random, alike.get(chars[at] ?? '') ?? ['']);
  return chars.join('');
}

/** A word doubled, left out, or put elsewhere. */
function reworded(text: string, random: Random): string {
  const parts = text.match(words) ?? [];
  const [word = ''] = parts.splice(below(random, parts.length), random() < 0.3 ? 0 : 1);
  if (random() < 0.7) parts.splice(below(random, parts.length + 1), 0, word || pick(random, hostile));
  return parts.join('');
}

function recased(text: string, random: Random): string {
  const at = below(random, text.length);
  const end = at + 1 + below(random, 8);
  const part = text.slice(at, end);
  return text.slice(0, at) + (random() < 0.5 ? part.toUpperCase() : part.toLowerCase()) + text.slice(end);
}

function withoutChar(text: string, random: Random): string {
  const at = below(random, text.length);
  return text.slice(0, at) + text.slice(at + 1);
}

function withChar(text: string, random: Random): string {
  const at = below(random, text.length + 1);
  return text.slice(0, at) + String.fromCodePoint(below(random, random() < 0.7 ? 0x80 : 0x3100)) + text.slice(at);
}

/** A bit turned, a byte put in or left out: often no UTF-8 any more. */
function changedBytes(bytes: Buffer, random: Random): Buffer<ArrayBuffer> {
  const at = below(random, bytes.length);
  const byte = below(random, 256);
  const turned = (bytes[at] ?? 0) ^ (1 << below(random, 8));
  const middle = pick(random, [[turned], [], [byte], [byte, ...bytes.subarray(at, at + 1)]]);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(middle), bytes.subarray(at + 1)]);
}

function changedValue(value: string, random: Random): string {
  const change = pick(random, [withoutChar, withChar, recased, spliced]);
  return change(random() < 0.5 ? value : percentEncoded(value, random), random);
}

function percentEncoded(value: string, random: Random): string {
  const lower = random() < 0.5;
  return value.replace(/[^A-Za-z0-9]/g, (char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(2, '0');
    return `%${lower ? hex : hex.toUpperCase()}`;
  });
}

function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[below(random, list.length)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}
