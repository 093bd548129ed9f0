/** What a password is made of, and passwords that are: the rules of the scripts, over a stream that can be repeated. */
import { createHash } from 'node:crypto';
import type { RotationKey } from '../../endpoint/command.ts';
import { ActionFailed } from './action.ts';

export type Demands = Readonly<Partial<Record<RotationKey, string>>>;

const classes = {
  MinDigits: charactersIn([[48, 57]]),
  MinUppercase: charactersIn([[65, 90]]),
  MinLowercase: charactersIn([[97, 122]]),
  /** Windows counts all printable ASCII that is no letter and no digit, and the space is left out. */
  MinSpecial: charactersIn([
    [33, 47],
    [58, 64],
    [91, 96],
    [123, 126],
  ]),
} as const;
type ClassKey = keyof typeof classes;
const classKeys: readonly ClassKey[] = ['MinDigits', 'MinUppercase', 'MinLowercase', 'MinSpecial'];

function charactersIn(ranges: readonly (readonly [number, number])[]): string {
  return ranges
    .flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, index) => String.fromCharCode(from + index)))
    .join('');
}

const mostTries = 100;

/** `seed` decides every character; `avoid`: names of which no part of three letters may be in it. */
export function passwordOf(demands: Demands, avoid: readonly string[], seed: string): string {
  const isPhrase = demands.Words !== undefined;
  const kinds = isPhrase ? wordKinds(demands) : classKinds(demands);
  const length = Math.max(
    numberOf(demands, 'MinLength'),
    kinds.reduce((sum, { count }) => sum + count, 0),
  );
  if (length < 8 || length > 127) throw new ActionFailed('bad-argument', 'a password has 8 to 127 characters');
  const all = kinds.map(({ left }) => left).join('');
  if (all === '') throw new ActionFailed('bad-argument', 'every character is excluded');
  if (isPhrase && kinds.length < length) {
    throw new ActionFailed('bad-argument', `so many words have ${kinds.length} characters, fewer than MinLength`);
  }
  const parts = partsOf(avoid);
  const random = randomBelow(seed);
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const drawn = kinds.flatMap(({ left, count }) => Array.from({ length: count }, () => left[random(left.length)]));
    while (drawn.length < length) drawn.push(all[random(all.length)]);
    if (!isPhrase) shuffle(drawn, random);
    const password = drawn.join('');
    if (!parts.some((part) => password.toUpperCase().includes(part))) return password;
  }
  throw new ActionFailed('bad-argument', 'these demands leave no password without a part of the name');
}

function shuffle(drawn: unknown[], random: (limit: number) => number): void {
  for (let last = drawn.length - 1; last > 0; last -= 1) {
    const at = random(last + 1);
    [drawn[at], drawn[last]] = [drawn[last], drawn[at]];
  }
}

/** What may stand there once what is excluded has been left out, and in how many places at least. */
interface Kind {
  readonly left: string;
  readonly count: number;
}

function classKinds(demands: Demands): readonly Kind[] {
  return classKeys.map((key) => kindOf(key, classes[key], numberOf(demands, key), demands));
}

/** `Badok-Kimel-Rofus-47`: each place in turn. */
function wordKinds(demands: Demands): readonly Kind[] {
  const words = numberOf(demands, 'Words');
  if (words < 3 || words > 12) throw new ActionFailed('bad-argument', 'a passphrase has 3 to 12 words');
  const places = [...Array.from({ length: words }, () => word).flat(), '0123456789', '0123456789'];
  return places.map((characters) => kindOf('Words', characters, 1, demands));
}

const consonants = 'bdfghjkmnprstvwz';
const word = [consonants.toUpperCase(), 'aeiou', consonants, 'aeiou', consonants, '-'];

function kindOf(key: string, characters: string, count: number, { ExcludeChars = '' }: Demands): Kind {
  const left = Array.from(characters)
    .filter((character) => !ExcludeChars.includes(character))
    .join('');
  if (count > 0 && left === '') {
    throw new ActionFailed('bad-argument', `${key} asks for characters that are excluded`);
  }
  return { left, count };
}

const usual = { MinLength: 20, MinDigits: 3, MinUppercase: 3, MinLowercase: 3, MinSpecial: 3 } as const;

function numberOf(demands: Demands, key: keyof typeof usual | 'Words'): number {
  const given = demands[key];
  if (given === undefined) return key === 'Words' ? 0 : usual[key];
  if (!/^\d{1,3}$/.test(given)) throw new ActionFailed('bad-argument', `${key} is not a number`);
  return Number(given);
}

function partsOf(names: readonly string[]): readonly string[] {
  return [...names, ...names.flatMap((name) => name.split(/[,.\-_ #\t]/))]
    .filter((part) => part.length >= 3)
    .map((part) => part.toUpperCase());
}

/** Bytes of a hash in counter mode, without the bias that a remainder alone has. */
function randomBelow(seed: string): (limit: number) => number {
  let block: Buffer = Buffer.alloc(0);
  let blocks = 0;
  return (limit) => {
    for (;;) {
      if (block.length === 0) {
        block = createHash('sha256').update(`${seed} ${blocks}`).digest();
        blocks += 1;
      }
      const [byte = 0] = block;
      block = block.subarray(1);
      if (byte < 256 - (256 % limit)) return byte % limit;
    }
  };
}
