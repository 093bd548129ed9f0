/** Little repositories, written to a folder of their own, and what `readDesired` says of them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import type { Problem, ProblemCode } from '../../src/desired/problem.ts';
import { type Reading, readDesired } from '../../src/desired/read.ts';
import type { Desired, Kind } from '../../src/model/desired.ts';

export const now = '2026-03-02T09:20:00.000Z';

/** Path → contents. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

const example = new URL('../../examples/minimal/', import.meta.url);

/** `examples/minimal`, which `trueup init` writes. */
export const exampleFiles: Readonly<Record<string, string>> = Object.fromEntries(
  readdirSync(example)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [name, readFileSync(new URL(name, example), 'utf8')]),
);

export async function inFolder<T>(files: Files, act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-desired-'));
  try {
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), contents);
    }
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function read(files: Files, paths: readonly string[] = ['.']): Promise<Reading> {
  return inFolder(files, (cwd) => readDesired({ paths, cwd, now }));
}

/** Fails with the errors where there are any. */
export async function desiredOf(files: Files): Promise<Desired> {
  const { desired, errors } = await read(files);
  expect(errors).toEqual([]);
  if (desired === null) throw new Error('no error and no desired state');
  return desired;
}

/** A document of one kind; `spec` is YAML, indented from the margin. */
export function document(kind: Kind, spec: string, name = 'x'): string {
  const lines = spec.trim().split('\n');
  return `apiVersion: trueup/v1
kind: ${kind}
metadata: { name: ${name} }
spec:
${lines.map((line) => (line === '' ? line : `  ${line}`)).join('\n')}
`;
}

/** A provider without a fault; `more` adds to its spec. */
export function provider(more = '', name = 'Production Tanium'): string {
  return document(
    'EdrProvider',
    `apiBaseUrl: { env: TRUEUP_TANIUM_URL }\napiKey: { env: TRUEUP_TANIUM_TOKEN }\n${more}`,
    name,
  );
}

export interface Expected {
  readonly severity: 'error' | 'warning';
  readonly code: ProblemCode;
  readonly says: string;
}

export function error(code: ProblemCode, says = ''): Expected {
  return { severity: 'error', code, says };
}

export function warning(code: ProblemCode, says = ''): Expected {
  return { severity: 'warning', code, says };
}

const mark = '▸';

/**
 * Each `▸` in the files stands before the very character at which a problem is told, and there is no other problem. A
 * provider is added where the files have none.
 */
export async function expectTold(
  files: string | Readonly<Record<string, string>>,
  ...expected: Expected[]
): Promise<Reading> {
  const marked = typeof files === 'string' ? { 'a.yaml': files } : files;
  const plain: Record<string, string> = {};
  const places: string[] = [];
  for (const [file, text] of Object.entries(marked).toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    plain[file] = text.replaceAll(mark, '');
    for (const [index, line] of text.split('\n').entries()) {
      const parts = line.split(mark);
      let column = 1;
      for (const part of parts.slice(0, -1)) {
        column += part.length;
        places.push(`${file}:${index + 1}:${column}`);
      }
    }
  }
  if (!Object.values(plain).some((text) => text.includes('kind: EdrProvider'))) plain['provider.yaml'] = provider();
  const reading = await read(plain);
  const told = [...reading.errors.map(as('error')), ...reading.warnings.map(as('warning'))].toSorted(byPlace);
  expect(told.map(({ problem, severity }) => `${placeOf(problem)} ${severity} ${problem.code}`)).toEqual(
    expected.map(({ severity, code }, index) => `${places[index] ?? 'no mark'} ${severity} ${code}`),
  );
  for (const [index, { says }] of expected.entries()) expect(told[index]?.problem.message).toContain(says);
  expect(places.length, 'as many marks as problems').toBe(expected.length);
  expect(reading.desired === null).toBe(reading.errors.length > 0);
  return reading;
}

interface Told {
  readonly problem: Problem;
  readonly severity: Expected['severity'];
}

function as(severity: Expected['severity']): (problem: Problem) => Told {
  return (problem) => ({ problem, severity });
}

function byPlace({ problem: a }: Told, { problem: b }: Told): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : a.file < b.file ? -1 : 1;
}

export function placeOf({ file, line, column }: Problem): string {
  return `${file}:${line}:${column}`;
}

export async function expectFine(files: string | Readonly<Record<string, string>>): Promise<void> {
  await expectTold(files);
}
