/** Purity: what is computed from its arguments alone, whatever the time, the machine, its language and its luck. */
import type { Token } from '../../tools/tokens.ts';
import { is, type Module, roomOf, targetOf } from './modules.ts';

const pureRooms = new Set(['model', 'reconcile', 'render', 'rotation']);

export function isPureByPlace(path: string): boolean {
  return pureRooms.has(roomOf(path) ?? '') || /^src\/(?:desired\/compile[/.-]|doctor\/judge\/)/.test(path);
}

/** The pure modules, and all that they import when they run: a pure one that calls an impure one is none. */
export function pureModules(modules: readonly Module[]): Module[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const pure = new Set(modules.filter((module) => isPureByPlace(module.path)));
  for (const module of pure) {
    for (const { specifier, typeOnly } of module.imports) {
      const target = specifier === null || typeOnly ? null : targetOf(module, specifier);
      const imported = target === null ? undefined : byPath.get(target);
      if (imported !== undefined) pure.add(imported);
    }
  }
  return [...pure];
}

/** Names of the world outside, wherever they stand for a value. */
const globals = new Set(
  (
    'process performance console globalThis global navigator crypto setTimeout setInterval setImmediate queueMicrotask ' +
    'fetch WebSocket EventSource XMLHttpRequest Worker localStorage sessionStorage eval Function require __dirname __filename'
  ).split(' '),
);

/** Methods that look at the time zone or the language of the machine. */
const local = new Set(
  (
    'localeCompare toLocaleString toLocaleDateString toLocaleTimeString toLocaleUpperCase toLocaleLowerCase ' +
    'getTimezoneOffset getFullYear getMonth getDate getDay getHours getMinutes getSeconds toDateString toTimeString'
  ).split(' '),
);

/** One sentence per use of clock, luck, surroundings, input or output, and per variable that outlives a call. */
export function impurities(module: Module): string[] {
  const found: string[] = [];
  let depth = 0;
  for (const [at, token] of module.tokens.entries()) {
    if (token.kind === 'mark' && '({['.includes(token.text)) depth += 1;
    if (token.kind === 'mark' && ')}]'.includes(token.text)) depth -= 1;
    const why = token.kind === 'name' ? impurity(module.tokens, at, depth) : null;
    if (why !== null) found.push(`${module.path}:${token.line}: ${why}`);
  }
  for (const { specifier, names, line } of module.imports) {
    const isPackage = specifier !== null && !specifier.startsWith('.');
    if (isPackage && !isHash(specifier, names)) found.push(`${module.path}:${line}: imports ${specifier}`);
  }
  return found;
}

/** A hash is computed from its argument alone; the rest of this module is randomness and keys. */
export function isHash(specifier: string, names: readonly string[]): boolean {
  return specifier === 'node:crypto' && names.every((name) => name === 'createHash');
}

function impurity(tokens: readonly Token[], at: number, depth: number): string | null {
  const { text } = tokens[at] as Token;
  const before = tokens[at - 1];
  const [after, second] = tokens.slice(at + 1, at + 3);
  if (is(before, '.')) {
    const owner = tokens[at - 2];
    if (text === 'now' && is(owner, 'Date')) return 'Date.now';
    if (text === 'random' && is(owner, 'Math')) return 'Math.random';
    if (text === 'meta' && is(owner, 'import')) return 'import.meta';
    return local.has(text) && is(after, '(') ? text : null;
  }
  if (text === 'Date' && is(before, 'new') && !(is(after, '(') && !is(second, ')'))) return 'new Date()';
  if (text === 'Date' && !is(before, 'new') && is(after, '(')) return 'Date()';
  if (text === 'Intl' && tokens[at + 4]?.kind !== 'text') return 'Intl without a fixed language';
  if ((text === 'let' || text === 'var') && depth === 0) return `${text} outside of a function`;
  const isKey = (is(after, ':') && !is(before, '?')) || (is(after, '?') && is(second, ':'));
  return globals.has(text) && !isKey ? text : null;
}
