/**
 * From YAML to the desired state, with every error of every file in one run.
 *
 * files → load → parse → value → validate → check → compile, each in its own file; a step that finds an error leaves
 * the others of the run their turn, as far as there is anything left to look at.
 */
import { createHash } from 'node:crypto';
import type { Desired, Kind } from '../model/desired.ts';
import { compareText } from '../model/sid.ts';
import { check } from './check/check.ts';
import { compile } from './compile.ts';
import { startOf, type ValidDocument } from './document.ts';
import { bytesOf, type Found, type FoundFile, findFiles } from './files.ts';
import { textOf } from './load.ts';
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

/** Of a repository of many small files, most of the time would be spent waiting for each. */
const filesAtOnce = 32;

/** Throws nothing: whatever is wrong with a path or a file is a problem like any other. */
export async function readDesired({ paths, cwd, now }: ReadRequest): Promise<Reading> {
  const found = await findFiles(paths, cwd);
  const { gathered, files } = await gather(found);
  const documents = gathered.documents.toSorted(
    (a, b) => compareText(a.file, b.file) || startOf(a).line - startOf(b).line || startOf(a).column - startOf(b).column,
  );
  const told = check(documents, gathered.unread, now);
  const errors = sortedProblems([...gathered.problems, ...told.errors]);
  const warnings = sortedProblems([...told.warnings, ...withoutProvider(gathered, found.files)]);
  return { desired: errors.length > 0 ? null : compile(documents), errors, warnings, files };
}

/** Files are read side by side and looked at one after the other. */
async function gather({ files, problems }: Found): Promise<{ gathered: Gathered; files: Reading['files'] }> {
  const gathered: Gathered = { documents: [], unread: new Set(), problems: [...problems] };
  const hashes: { file: string; sha256: string }[] = [];
  for (let at = 0; at < files.length; at += filesAtOnce) {
    const reads = files
      .slice(at, at + filesAtOnce)
      .map(async (file) => ({ name: file.name, read: await bytesOf(file) }));
    for (const { name, read } of await Promise.all(reads)) {
      if ('problem' in read) gathered.problems.push(read.problem);
      else {
        hashes.push({ file: name, sha256: createHash('sha256').update(read.bytes).digest('hex') });
        readInto(name, read.bytes, gathered);
      }
    }
  }
  return { gathered, files: hashes };
}

interface Gathered {
  readonly documents: ValidDocument[];
  /** Kinds of which a document is too much at fault to be read. */
  readonly unread: Set<Kind>;
  readonly problems: Problem[];
}

function readInto(file: string, bytes: Buffer, { documents, unread, problems }: Gathered): void {
  const { text, problem } = textOf(file, bytes);
  if (problem !== null) problems.push(problem);
  const parsed = text === null ? { documents: [], problems: [] } : parse(file, text);
  for (const one of parsed.problems) problems.push(one);
  for (const document of parsed.documents) {
    const validated = validate(plainDocument(document));
    for (const one of validated.problems) problems.push(one);
    if (validated.document !== null) documents.push(validated.document);
    else if (validated.kind !== null) unread.add(validated.kind);
  }
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
