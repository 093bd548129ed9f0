/** Where the values of a document stand in its file. */
import { isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import type { ParsedDocument } from './parse.ts';
import type { Place } from './problem.ts';
import { secretIn, shown } from './shown.ts';

/** A holder is a mapping or a list of the plain value. */
export interface Places {
  /** Of the holder itself. */
  readonly of: (holder: object) => Place;
  /** Of a value; of its key where nothing stands behind that. */
  readonly value: (holder: object, key: string | number) => Place;
  readonly key: (holder: object, key: string | number) => Place;
}

/** What a mapping or a list of the plain value was made of. */
export interface Held {
  readonly node: Node;
  readonly path: string;
}

export function placeOf(document: ParsedDocument, node: Node, path: string): Place {
  return { ...document.placeOf(node.range?.[0] ?? 0), path };
}

/** `spec.members`, `metadata.labels["a.b"]`; a key that looks like a secret is not shown. */
export function pathTo(path: string, key: string | number): string {
  if (typeof key === 'number') return `${path}[${key}]`;
  if (/^[A-Za-z_][\w-]*$/.test(key) && secretIn(key) === null) return path === '' ? key : `${path}.${key}`;
  return `${path}[${secretIn(key) === null ? shown(key) : '…'}]`;
}

export function placesOf(document: ParsedDocument, held: WeakMap<object, Held>): Places {
  const at = (node: Node, path: string): Place => placeOf(document, node, path);
  const heldOf = (holder: object): Held => held.get(holder) ?? { node: document.contents, path: '' };
  const places: Places = {
    of: (holder) => {
      const { node, path } = heldOf(holder);
      return at(node, path);
    },
    value: (holder, key) => {
      const { node, path } = heldOf(holder);
      const inner = pathTo(path, key);
      if (isSeq(node)) return at((node.items[Number(key)] as Node | undefined) ?? node, inner);
      const pair = pairOf(node, key);
      if (pair === undefined) return at(node, inner);
      const isNothing =
        pair.value === null || (isScalar(pair.value) && pair.value.source === '' && pair.value.value === null);
      return at(isNothing || pair.value === null ? pair.key : pair.value, inner);
    },
    key: (holder, key) => {
      const { node, path } = heldOf(holder);
      return isSeq(node) ? places.value(holder, key) : at(pairOf(node, key)?.key ?? node, pathTo(path, key));
    },
  };
  return places;
}

function pairOf(node: Node, key: string | number): Pair<Node, Node | null> | undefined {
  if (!isMap(node)) return undefined;
  return (node.items as Pair<Node, Node | null>[]).find((pair) => isScalar(pair.key) && pair.key.value === key);
}
