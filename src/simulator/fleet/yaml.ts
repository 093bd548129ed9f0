/** Typed access to a YAML file, where every complaint says file, line and column. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import { TrueupError } from '../../errors.ts';

/** A value and its place. Each getter answers it as what it is asked for, or throws TRUEUP_SIMULATOR. */
export interface YamlNode {
  /** Throws TRUEUP_SIMULATOR with this place. */
  fail(message: string): never;
  isText(): boolean;
  isNull(): boolean;
  text(): string;
  integer(min: number, max: number): number;
  boolean(): boolean;
  oneOf<T extends string>(values: readonly T[]): T;
  list(): YamlNode[];
  /** Whatever it is, as JSON has it. */
  json(): unknown;
  /** The values of a mapping by key; a key that is not among `keys` is an error. */
  map<K extends string>(keys: readonly K[]): ReadonlyMap<K, YamlNode>;
}

export function parseYaml(text: string, file: string): YamlNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${line}:${col}`;
  };
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) throw failure(place(problem.pos[0]), problem.message);
  if (document.contents === null) throw failure(`${file}:1:1`, 'the file is empty');
  return nodeOf(document.contents, place);
}

function failure(source: string, message: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', `${source}: ${message}`, {
    source,
    cause: 'The fleet file has an error.',
    remedy: 'Mend what the message names, and start again.',
  });
}

function nodeOf(node: Node, place: (offset: number) => string): YamlNode {
  const fail = (message: string): never => {
    throw failure(place(node.range?.[0] ?? 0), message);
  };
  if (isAlias(node)) return fail('a fleet file has no aliases');
  const value: unknown = isScalar(node) ? node.value : undefined;
  return {
    fail,
    isText: () => typeof value === 'string',
    isNull: () => value === null,
    text: () => (typeof value === 'string' ? value : fail('expected a text (put it in quotes)')),
    integer: (min, max) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? (value as number)
        : fail(`expected a whole number from ${min} to ${max}`),
    boolean: () => (typeof value === 'boolean' ? value : fail('expected true or false')),
    oneOf: (values) => values.find((one) => one === value) ?? fail(`expected one of ${values.join(', ')}`),
    list: () => (isSeq(node) ? node.items.map((item) => nodeOf(item as Node, place)) : fail('expected a list')),
    json: () => plainOf(node),
    map: (keys) => {
      if (!isMap(node)) return fail('expected a mapping');
      const found = new Map<(typeof keys)[number], YamlNode>();
      for (const { key, value: inner } of node.items) {
        const keyNode = nodeOf(key as Node, place);
        const name = keys.find((one) => isScalar(key) && one === key.value);
        if (name === undefined) return keyNode.fail(`unknown key; allowed are ${keys.join(', ')}`);
        if (inner === null) return keyNode.fail(`${name} has no value`);
        found.set(name, nodeOf(inner as Node, place));
      }
      return found;
    },
  };
}

function plainOf(node: unknown): unknown {
  if (isSeq(node)) return node.items.map(plainOf);
  if (isMap(node))
    return Object.fromEntries(node.items.map(({ key, value }) => [String(plainOf(key)), plainOf(value)]));
  return isScalar(node) ? node.value : null;
}
