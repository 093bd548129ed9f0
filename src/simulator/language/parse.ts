/**
 * Reads the text of a question, canonical or loosely worded: `Get A and B[p]?maxAge=60 from all machines with C contains
 * X and ( D equals Y or not E )`. Words of the grammar are the same in either case; names keep theirs.
 */
import {
  type FilterSyntax,
  type QuestionSyntax,
  QuestionSyntaxError,
  type SelectSyntax,
  type SensorSyntax,
  type TestSyntax,
} from './syntax.ts';
import { type Token, tokensOf } from './tokens.ts';
import { comparisons, separators } from './words.ts';

/** @throws QuestionSyntaxError */
export function parseQuestion(text: string): QuestionSyntax {
  const words = reader(tokensOf(text));
  const get = words.take();
  if (get.kind !== 'word' || get.text.toLowerCase() !== 'get') throw new QuestionSyntaxError('it begins with Get');
  const selects = words.skip('number', 'of', 'machines') ? [] : selectList(words);
  let where: FilterSyntax | null = null;
  if (words.skip('from', 'all', 'machines')) where = words.skip('with') ? disjunction(words) : null;
  words.demandEnd();
  return { options: get.options, selects, where };
}

/** The right-hand side alone; null where the text is empty or only blank: all machines. @throws QuestionSyntaxError */
export function parseFilter(text: string): FilterSyntax | null {
  const words = reader(tokensOf(text));
  if (words.peek().kind === 'end') return null;
  const filter = disjunction(words);
  words.demandEnd();
  return filter;
}

interface Reader {
  /** `ahead` tokens after the next one. */
  peek(ahead?: number): Token;
  take(): Token;
  /** Whether these words, in lower case, stand `ahead` of here. */
  sees(words: readonly string[], ahead?: number): boolean;
  /** Takes them, if they stand here. */
  skip(...words: readonly string[]): boolean;
  demandEnd(): void;
}

function reader(tokens: readonly Token[]): Reader {
  let at = 0;
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)] as Token;
  const sees = (words: readonly string[], ahead = 0): boolean =>
    words.every((word, index) => {
      const token = peek(ahead + index);
      return token.kind === 'word' && token.raw.toLowerCase() === word;
    });
  return {
    peek,
    sees,
    take: () => {
      const token = peek();
      at += 1;
      return token;
    },
    skip: (...words) => {
      if (!sees(words)) return false;
      at += words.length;
      return true;
    },
    demandEnd: () => {
      const token = peek();
      if (token.kind === 'end') return;
      throw new QuestionSyntaxError(`${'raw' in token ? token.raw : token.kind} is not expected here`);
    },
  };
}

function selectList(words: Reader): SelectSyntax[] {
  const selects: SelectSyntax[] = [];
  do {
    const sensor = sensorTerm(words);
    selects.push({ sensor, test: testAt(words) ? takeTest(words) : null });
  } while (words.skip('and'));
  return selects;
}

/** `or` of `and`: the latter binds closer. */
function disjunction(words: Reader): FilterSyntax {
  return joined(words, 'or', () => joined(words, 'and', () => factor(words)));
}

function joined(words: Reader, kind: 'and' | 'or', part: () => FilterSyntax): FilterSyntax {
  const first = part();
  const parts = [first];
  while (words.skip(kind)) parts.push(part());
  return parts.length === 1 ? first : { kind, negated: false, parts };
}

function factor(words: Reader): FilterSyntax {
  if (words.skip('not')) return negated(factor(words));
  if (words.peek().kind === '(') {
    words.take();
    const inner = disjunction(words);
    if (words.take().kind !== ')') throw new QuestionSyntaxError('a parenthesis is not closed');
    return inner;
  }
  return sensorOrGroup(words);
}

function negated(filter: FilterSyntax): FilterSyntax {
  if (filter.kind !== 'sensor') return { ...filter, negated: !filter.negated };
  return { ...filter, test: { ...filter.test, negated: !filter.test.negated } };
}

/** A comparison, or, where none follows, the name of a computer group; `All Computers` is one of those. */
function sensorOrGroup(words: Reader): FilterSyntax {
  const quantifier = words.sees(['any']) || words.sees(['all']) ? words.take() : null;
  const sensor = sensorTerm(words);
  if (words.skip('in')) return anyOf(sensor, words);
  if (testAt(words)) {
    const all = quantifier !== null && 'text' in quantifier && quantifier.text.toLowerCase() === 'all';
    return { kind: 'sensor', all, sensor, test: takeTest(words) };
  }
  if (sensor.parameters.length > 0 || sensor.options.length > 0) {
    throw new QuestionSyntaxError(`${sensor.name} is compared with nothing`);
  }
  const first = quantifier !== null && 'text' in quantifier ? `${quantifier.text} ` : '';
  return { kind: 'group', negated: false, name: `${first}${sensor.name}` };
}

/** `Name in (a, "b c")` is short for one comparison each. */
function anyOf(sensor: SensorSyntax, words: Reader): FilterSyntax {
  if (words.take().kind !== '(') throw new QuestionSyntaxError('in is followed by a list in parentheses');
  const parts: FilterSyntax[] = [];
  for (;;) {
    const value = bareValue(words);
    parts.push({ kind: 'sensor', all: false, sensor, test: { negated: false, operator: 'equals', value } });
    const next = words.take();
    if (next.kind === ')') break;
    if (next.kind !== ',') throw new QuestionSyntaxError('a list is not closed');
  }
  const [only] = parts;
  return parts.length === 1 && only ? only : { kind: 'or', negated: false, parts };
}

function sensorTerm(words: Reader): SensorSyntax {
  const first = words.take();
  if (!('text' in first)) throw new QuestionSyntaxError('a name is missing');
  if (first.kind === 'word' && separators.has(first.raw.toLowerCase())) {
    throw new QuestionSyntaxError(`a name is missing before ${first.raw}`);
  }
  const names = [first.text];
  let last = first;
  while (first.kind === 'word' && last.parameters === null && last.options.length === 0 && isNamePart(words)) {
    const next = words.take();
    if (!('text' in next)) break;
    names.push(next.text);
    last = next;
  }
  return { name: names.join(' '), parameters: last.parameters ?? [], options: last.options };
}

function isNamePart(words: Reader): boolean {
  const token = words.peek();
  if (token.kind !== 'word') return false;
  const word = token.raw.toLowerCase();
  return !separators.has(word) && word !== 'in' && !testAt(words);
}

/** `not` before the operator, or the operator itself. */
function testAt(words: Reader): boolean {
  const ahead = words.sees(['not']) ? 1 : 0;
  return comparisons.some((comparison) => words.sees(comparison.words, ahead));
}

function takeTest(words: Reader): TestSyntax {
  const not = words.skip('not');
  const found = comparisons.find((comparison) => words.sees(comparison.words));
  if (!found) throw new QuestionSyntaxError('a comparison is missing');
  words.skip(...found.words);
  return { negated: not !== found.negated, operator: found.operator, value: bareValue(words) };
}

/** A quoted text, or words up to the next one of the grammar. */
function bareValue(words: Reader): string {
  const first = words.peek();
  if (first.kind === 'quoted') {
    if (first.parameters !== null || first.options.length > 0) throw new QuestionSyntaxError('a value is a text alone');
    words.take();
    return first.text;
  }
  const parts: string[] = [];
  for (let next = words.peek(); next.kind === 'word'; next = words.peek()) {
    if (separators.has(next.raw.toLowerCase())) break;
    parts.push(next.raw);
    words.take();
  }
  if (parts.length === 0) throw new QuestionSyntaxError('a value is missing');
  return parts.join(' ');
}
