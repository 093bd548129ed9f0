/**
 * An upper bound of the steps that a backtracking engine takes for a regular expression and a value of a given length.
 *
 * Every choice multiplies: a repetition without bound by the length of the value, one of n to m by m − n + 1, an
 * optional part by 2, k alternatives by k, a search that is not anchored by the length. A repetition of something that
 * has a choice itself has no such bound and is refused, as are back references and look-around.
 */

export type Cost = { readonly steps: number } | { readonly refused: string };

/** Some tenths of a second. */
export const mostSteps: number = 2 ** 26;

export function costOf(expression: string, valueLength: number): Cost {
  const reader: Reader = { text: expression, at: 0, valueLength };
  const found = alternatives(reader);
  if ('refused' in found) return found;
  return { steps: isAnchored(expression) ? found.steps : found.steps * valueLength };
}

/** `^` that holds for the whole: not one of several alternatives alone. */
function isAnchored(expression: string): boolean {
  return expression.startsWith('^') && !expression.includes('|');
}

interface Reader {
  readonly text: string;
  at: number;
  readonly valueLength: number;
}

/** Up to the end, or up to the parenthesis that closes the group. */
function alternatives(reader: Reader): Cost {
  let branches = 1;
  let steps = 1;
  while (reader.at < reader.text.length && reader.text[reader.at] !== ')') {
    if (reader.text[reader.at] === '|') {
      branches += 1;
      reader.at += 1;
      continue;
    }
    const term = repeated(reader);
    if ('refused' in term) return term;
    steps *= term.steps;
  }
  return { steps: steps * branches };
}

function repeated(reader: Reader): Cost {
  const atom = atomOf(reader);
  if ('refused' in atom) return atom;
  const bounds = quantifierAt(reader);
  if (bounds === null) return atom;
  const [least, most] = bounds;
  if (atom.steps > 1 && most > 1) {
    return {
      refused:
        'repeats something that repeats or has alternatives itself, which can take forever; use a glob, or write it flat',
    };
  }
  const choices = most === Number.POSITIVE_INFINITY ? reader.valueLength : most - least + 1;
  return { steps: atom.steps * Math.max(1, choices) };
}

function atomOf(reader: Reader): Cost {
  const { text } = reader;
  const character = text[reader.at];
  reader.at += 1;
  if (character === '\\') {
    const escaped = text[reader.at] ?? '';
    reader.at += 1;
    if (/[1-9k]/.test(escaped)) return { refused: 'refers back to a group, which can take forever' };
    return { steps: 1 };
  }
  if (character === '[') {
    const rest = /^\^?(?:\\.|[^\]\\])*\]/s.exec(text.slice(reader.at));
    reader.at += rest?.[0].length ?? 0;
    return { steps: 1 };
  }
  if (character !== '(') return { steps: 1 };
  const head = /^\?(?:[:=!]|<[=!]|<[^>]*>)/.exec(text.slice(reader.at))?.[0] ?? '';
  if (/[=!]$/.test(head)) return { refused: 'looks around (?= ?! ?<= ?<!), which patterns do not take' };
  reader.at += head.length;
  const inner = alternatives(reader);
  reader.at += 1;
  return inner;
}

function quantifierAt(reader: Reader): readonly [least: number, most: number] | null {
  const found = /^(?:[*+?]|\{(\d+)(?:(,)(\d*))?\})\??/.exec(reader.text.slice(reader.at));
  if (found === null) return null;
  reader.at += found[0].length;
  const [sign, least, comma, most] = found;
  if (least === undefined) return sign.startsWith('?') ? [0, 1] : [0, Number.POSITIVE_INFINITY];
  if (comma === undefined) return [Number(least), Number(least)];
  return [Number(least), most === undefined || most === '' ? Number.POSITIVE_INFINITY : Number(most)];
}
