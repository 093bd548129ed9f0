/**
 * From YAML to the desired state, with every error of every file in one run.
 *
 * files → load → parse → value → validate → check → compile, each in its own file; a step that finds an error leaves
 * the others of the run their turn, as far as there is anything left to look at.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Desired, Kind } from '../model/desired.ts';
import { compareText } from '../model/sid.ts';
import { check } from './check/check.ts';
import { compile } from './compile.ts';
import { startOf, type ValidDocument } from './document.ts';
import { type FoundFile, findFiles } from './files.ts';
import { maxFileBytes, textOf, tooLarge } from './load.ts';
import { parse } from './parse.ts';
import { fileStart, type Problem, problemAt, sortedProblems } from './problem.ts';
import { validate } from './validate.ts';
import { plainDocument } from './value.ts';

export interface ReadRequest {
  /** Of --config: files and folders, relative to `cwd`. */
  readonly paths: readonly string[];
  readonly cwd: string;
  /** ISO time: what has expired is measured by it. */
  readonly now: string;
}

export interface Reading {
  /** Null exactly where there are errors. */
  readonly desired: Desired | null;
  /** Both sorted by file, line and column. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
  /** What was read, sorted by name, with its SHA-256 in hexadecimal: unchanged files give an unchanged configuration. */
  readonly files: readonly { readonly file: string; readonly sha256: string }[];
}

/** Throws nothing: whatever is wrong with a path or a file is a problem like any other. */
export async function readDesired({ paths, cwd, now }: ReadRequest): Promise<Reading> {
  const found = await findFiles(paths, cwd);
  const gathered: Gathered = { documents: [], unread: new Set(), problems: [...found.problems] };
  const files: { file: string; sha256: string }[] = [];
  for (const file of found.files) {
    const sha256 = await readInto(file, gathered);
    if (sha256 !== null) files.push({ file: file.name, sha256 });
  }
  const documents = gathered.documents.toSorted(
    (a, b) => compareText(a.file, b.file) || startOf(a).line - startOf(b).line || startOf(a).column - startOf(b).column,
  );
  const told = check(documents, gathered.unread, now);
  const errors = sortedProblems([...gathered.problems, ...told.errors]);
  const warnings = sortedProblems([...told.warnings, ...withoutProvider(gathered, found.files)]);
  return { desired: errors.length > 0 ? null : compile(documents), errors, warnings, files };
}

interface Gathered {
  readonly documents: ValidDocument[];
  /** Kinds of which a document is too much at fault to be read. */
  readonly unread: Set<Kind>;
  readonly problems: Problem[];
}

/** Answers the hash of the file, or null where it cannot be read. */
async function readInto(file: FoundFile, { documents, unread, problems }: Gathered): Promise<string | null> {
  if (file.bytes > maxFileBytes) {
    problems.push(tooLarge(file.name, file.bytes));
    return null;
  }
  let bytes: Buffer;
  try {
    bytes = await readFile(file.path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
    problems.push(problemAt('TRUEUP_FILE_UNREADABLE', file.name, fileStart, `It cannot be read (${code}).`));
    return null;
  }
  const { text, problem } = textOf(file.name, bytes);
  if (problem !== null) problems.push(problem);
  const parsed = text === null ? { documents: [], problems: [] } : parse(file.name, text);
  for (const one of parsed.problems) problems.push(one);
  for (const document of parsed.documents) {
    const validated = validate(plainDocument(document));
    for (const one of validated.problems) problems.push(one);
    if (validated.document !== null) documents.push(validated.document);
    else if (validated.kind !== null) unread.add(validated.kind);
  }
  return createHash('sha256').update(bytes).digest('hex');
}

function withoutProvider({ documents, unread, problems }: Gathered, files: readonly FoundFile[]): Problem[] {
  const [first] = files;
  const isDeclared = unread.has('EdrProvider') || documents.some(({ kind }) => kind === 'EdrProvider');
  // A file that cannot be read may hold it.
  if (first === undefined || isDeclared || problems.length > 0) return [];
  return [
    problemAt(
      'TRUEUP_PROVIDER_NONE',
      first.name,
      fileStart,
      'No EdrProvider is declared in any file; a run needs one.',
    ),
  ];
}
