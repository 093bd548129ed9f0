/** From the nodes of a YAML document to plain values, with the place of each; and what YAML allows and nobody should. */
import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type Scalar, type YAMLMap } from 'yaml';
import { ambiguityOf } from './ambiguous.ts';
import { hiddenIn } from './load.ts';
import type { ParsedDocument } from './parse.ts';
import { type Held, type Places, pathTo, placeOf, placesOf } from './places.ts';
import { type Problem, type ProblemCode, problemAt } from './problem.ts';
import { secretIn, shown } from './shown.ts';

export interface PlainDocument {
  readonly file: string;
  /** Mappings have no prototype, so that no key can mean anything else. */
  readonly value: unknown;
  readonly places: Places;
  readonly problems: readonly Problem[];
  /** Mappings that lost a key to a fault of the text: that they lack something is no fault of its own. */
  readonly incomplete: WeakSet<object>;
  /** False: a part is missing, and whoever looks closer would find faults that are none. */
  readonly whole: boolean;
}

const deepest = 40;
const mostValues = 200_000;

export function plainDocument(document: ParsedDocument): PlainDocument {
  const held = new WeakMap<object, Held>();
  const state: State = {
    document,
    held,
    problems: [],
    told: new Set(),
    anchors: new Map(),
    targets: new Map(),
    open: new Set(),
    incomplete: new WeakSet(),
    values: 0,
    whole: true,
  };
  const value = convert(state, document.contents, '', 0);
  return {
    file: document.file,
    value,
    places: placesOf(document, held),
    problems: state.problems,
    incomplete: state.incomplete,
    whole: state.whole,
  };
}

interface State {
  readonly document: ParsedDocument;
  readonly held: WeakMap<object, Held>;
  readonly problems: Problem[];
  readonly told: Set<string>;
  /** The latest anchor of each name, in the order of the text. */
  readonly anchors: Map<string, Node>;
  /** What an alias stands for; an anchor of the same name further down does not change it. */
  readonly targets: Map<Alias, Node>;
  /** Nodes that are being converted: an alias to one of them has no end. */
  readonly open: Set<Node>;
  readonly incomplete: WeakSet<object>;
  values: number;
  whole: boolean;
}

function convert(state: State, node: Node | null, path: string, depth: number): unknown {
  if (node === null) return null;
  if (state.values > mostValues) return null;
  state.values += 1;
  if (state.values > mostValues || depth > deepest) {
    const bound = depth > deepest ? `nests deeper than ${deepest} levels` : `holds more than ${mostValues} values`;
    complain(state, 'TRUEUP_YAML_SIZE', node, path, `The document ${bound}, counting what aliases stand for.`);
    state.values = mostValues + 1;
    state.whole = false;
    return null;
  }
  if (isAlias(node)) return convertAlias(state, node, path, depth);
  if (node.anchor !== undefined) state.anchors.set(node.anchor, node);
  if (!hasKnownTag(node)) {
    complain(
      state,
      'TRUEUP_YAML_TAG',
      node,
      path,
      `The tag ${shown(node.tag)} asks for a type that YAML's core does not have.`,
    );
    return null;
  }
  if (isScalar(node)) return convertScalar(state, node, path);
  state.open.add(node);
  const value = isSeq(node) ? convertList(state, node.items, path, depth) : convertMap(state, node, path, depth);
  state.open.delete(node);
  state.held.set(value, { node, path });
  return value;
}

function convertAlias(state: State, alias: Alias, path: string, depth: number): unknown {
  const target = state.targets.get(alias) ?? state.anchors.get(alias.source);
  if (target === undefined) {
    complain(
      state,
      'TRUEUP_YAML_ALIAS',
      alias,
      path,
      `No anchor ${shown(`&${alias.source}`)} stands before this alias.`,
    );
    return null;
  }
  state.targets.set(alias, target);
  if (state.open.has(target)) {
    complain(
      state,
      'TRUEUP_YAML_ALIAS',
      alias,
      path,
      `The alias ${shown(`*${alias.source}`)} stands inside its own anchor.`,
    );
    state.whole = false;
    return null;
  }
  return convert(state, target, path, depth);
}

const knownTags: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

/** An explicit tag of the core that fits what it stands before. */
function hasKnownTag(node: Node): boolean {
  const { tag } = node as { readonly tag?: string };
  if (tag === undefined) return true;
  if (!knownTags.has(tag)) return false;
  const type = tag.slice(tag.lastIndexOf(':') + 1);
  if (isMap(node)) return type === 'map';
  if (isSeq(node)) return type === 'seq';
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (type === 'null') return value === null;
  if (type === 'bool') return typeof value === 'boolean';
  return type === 'str' ? typeof value === 'string' : typeof value === 'number';
}

function convertScalar(state: State, node: Scalar, path: string): unknown {
  const { value, source } = node;
  if (node.type === 'PLAIN' && node.tag === undefined && source !== undefined) {
    const ambiguity = ambiguityOf(source);
    if (ambiguity !== null) complain(state, 'TRUEUP_YAML_AMBIGUOUS', node, path, ambiguity);
  }
  if (typeof value !== 'string') return value;
  checkText(state, value, node, path);
  return value;
}

function checkText(state: State, text: string, node: Node, path: string): void {
  const hidden = hiddenIn(text);
  if (hidden !== null)
    complain(state, 'TRUEUP_FILE_CHARACTER', node, path, `The text holds ${hidden}, which nobody sees.`);
  const secret = secretIn(text);
  if (secret !== null) complain(state, 'TRUEUP_SECRET_LITERAL', node, path, `The text looks like ${secret}.`);
}

function convertList(state: State, items: readonly unknown[], path: string, depth: number): unknown[] {
  return items.map((item, index) => convert(state, item as Node | null, `${path}[${index}]`, depth + 1));
}

function convertMap(state: State, node: Node, path: string, depth: number): Record<string, unknown> {
  const map = Object.create(null) as Record<string, unknown>;
  const first = new Map<string, Node>();
  for (const pair of (node as YAMLMap).items as Pair<Node, Node | null>[]) {
    const key = keyOf(state, pair, path);
    if (key === null) {
      state.incomplete.add(map);
      continue;
    }
    const earlier = first.get(key);
    if (earlier !== undefined) {
      const { line } = placeOf(state.document, earlier, '');
      complain(
        state,
        'TRUEUP_YAML_DUPLICATE_KEY',
        pair.key,
        pathTo(path, key),
        `The key ${shown(key)} stands here twice, in line ${line} too.`,
      );
      continue;
    }
    first.set(key, pair.key);
    map[key] = convert(state, pair.value, pathTo(path, key), depth + 1);
  }
  return map;
}

/** Null: it is no key of a configuration, and the pair does not count. */
function keyOf(state: State, { key }: Pair<Node, Node | null>, path: string): string | null {
  if (!isScalar(key) || typeof key.value !== 'string') {
    const what = isScalar(key)
      ? key.source === '' || key.value === null
        ? 'Nothing'
        : shown(key.value)
      : 'A list, a mapping or an alias';
    complain(state, 'TRUEUP_YAML_KEY', key, path, `${what} stands where a key must be a text; put it in quotes.`);
    return null;
  }
  if (key.value === '<<' && key.type === 'PLAIN') {
    complain(
      state,
      'TRUEUP_YAML_MERGE_KEY',
      key,
      path,
      'The merge key << is no part of YAML 1.2; write the fields out.',
    );
    return null;
  }
  convertScalar(state, key, pathTo(path, key.value));
  return key.value;
}

function complain(state: State, code: ProblemCode, node: Node, path: string, message: string): void {
  const { document } = state;
  const key = `${code} ${node.range?.[0]}`;
  // What an alias stands for is met again with each alias.
  if (state.told.has(key)) return;
  state.told.add(key);
  state.problems.push(problemAt(code, document.file, placeOf(document, node, path), message));
}
