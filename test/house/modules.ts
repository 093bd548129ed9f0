/** The files of this checkout as the rules of the house see them: path, text, tokens, imports. */
import { globSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Token, tokensOf } from '../../tools/tokens.ts';

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

export interface Import {
  /** Null: computed when it runs, so that nobody can say what it imports. */
  readonly specifier: string | null;
  /** As the other module exports them; `*` for all of it. */
  readonly names: readonly string[];
  /** `import type` and `export type`: gone when it runs. */
  readonly typeOnly: boolean;
  readonly line: number;
}

export interface Module {
  /** From the root, with forward slashes. */
  readonly path: string;
  readonly tokens: readonly Token[];
  readonly imports: readonly Import[];
}

export function moduleOf(path: string, source: string): Module {
  const tokens = tokensOf(source);
  return { path, tokens, imports: importsOf(tokens) };
}

export function modulesBelow(folder: string): Module[] {
  return globSync(`${folder}/**/*.ts`, { cwd: root })
    .map((path) => path.replaceAll('\\', '/'))
    .toSorted()
    .map((path) => moduleOf(path, readFileSync(posix.join(root, path), 'utf8')));
}

/** The path, from the root, that a relative specifier names; null for a package. */
export function targetOf(module: Module, specifier: string): string | null {
  return specifier.startsWith('.') ? posix.join(posix.dirname(module.path), specifier) : null;
}

/** `src/reconcile/diff.ts` → `reconcile`; `src/errors.ts` → `errors.ts`; null outside of `src`. */
export function roomOf(path: string): string | null {
  const [top, room] = path.split('/');
  return top === 'src' ? (room ?? null) : null;
}

/** Every form that imports: static, for effects, of types, dynamic, `require`, and exports from another module. */
export function importsOf(tokens: readonly Token[]): Import[] {
  const imports: Import[] = [];
  for (const [at, { kind, text }] of tokens.entries()) {
    if (kind !== 'name' || is(tokens[at - 1], '.')) continue;
    const found = text === 'import' || text === 'export' ? declared(tokens, at) : null;
    const called = text === 'import' || text === 'require' ? dynamic(tokens, at) : null;
    const one = called ?? found;
    if (one !== null) imports.push(one);
  }
  return imports;
}

function dynamic(tokens: readonly Token[], at: number): Import | null {
  const [open, argument, after] = tokens.slice(at + 1, at + 4);
  if (!is(open, '(')) return null;
  const plain = argument?.kind === 'text' && (is(after, ')') || is(after, ','));
  return { specifier: plain ? argument.text : null, names: ['*'], typeOnly: false, line: tokens[at]?.line ?? 0 };
}

function declared(tokens: readonly Token[], at: number): Import | null {
  const line = tokens[at]?.line ?? 0;
  const first = tokens[at + 1];
  if (first === undefined) return null;
  if (first.kind === 'text') return { specifier: first.text, names: [], typeOnly: false, line };
  const end = clauseEnd(tokens, at + 1);
  const from = tokens[end + 1];
  if (!is(tokens[end], 'from') || from?.kind !== 'text') return null;
  const clause = tokens.slice(at + 1, end);
  const typeOnly = is(clause[0], 'type') && clause.length > 1 && !is(clause[1], ',');
  return { specifier: from.text, names: namesIn(typeOnly ? clause.slice(1) : clause), typeOnly, line };
}

/** Where the clause of an import or export ends: at its `from`, or where it cannot be one. */
function clauseEnd(tokens: readonly Token[], from: number): number {
  for (let at = from; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined || token.kind === 'text') return at;
    if (is(token, 'from') && tokens[at + 1]?.kind === 'text') return at;
    if (token.kind !== 'name' && !'{},*'.includes(token.text)) return at;
  }
  return tokens.length;
}

function namesIn(clause: readonly Token[]): string[] {
  const names: string[] = [];
  let inBraces = false;
  for (const [at, token] of clause.entries()) {
    if (is(token, '{')) inBraces = true;
    if (is(token, '*')) names.push('*');
    if (token.kind !== 'name' || token.text === 'as' || is(clause[at - 1], 'as')) continue;
    if (inBraces && is(token, 'type') && clause[at + 1]?.kind === 'name') continue;
    names.push(inBraces ? token.text : 'default');
  }
  return names;
}

export function is(token: Token | undefined, text: string): boolean {
  return token !== undefined && token.kind !== 'text' && token.kind !== 'pattern' && token.text === text;
}
