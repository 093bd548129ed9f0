/** The files of the package: there, whole, ours, and of one version with the sensor (#64, #155). */
import type { ObservedFile } from '../model/content.ts';
import { managementFile } from '../model/content-command.ts';
import type { Comparison } from './content-comparison.ts';
import { type Author, authorOf, normalised, spellingsOf, versionOf } from './content-script.ts';
import { sha256 } from './hash.ts';

export interface ExpectedFile {
  readonly name: string;
  readonly text: string;
}

/** Of the files that are there: `other` where one that should be ours is nobody's, else `npsd` where one is NPS-D's. */
export function judgeFiles(
  comparison: Comparison,
  expected: readonly ExpectedFile[],
  found: readonly ObservedFile[],
  sensorVersion: string | null,
): Author {
  const fix = {
    property: 'files',
    from: found.map(fileName),
    to: expected.map(({ name, text }) => textName(name, text)),
  };
  const authors: Author[] = [];
  for (const { name, text } of expected) {
    const file = found.find((one) => one.name === name);
    comparison.check({
      key: `files.${name}`,
      property: 'Files',
      ok: file !== undefined,
      severity: 'error',
      expected: name,
      actual: found.map((one) => one.name).join(', ') || null,
      message: `The package has no file ${name}.`,
      remedy: `Add ${name} to the package.`,
      fix,
    });
    if (file === undefined) continue;
    const { author, message } = holds(file, text);
    authors.push(author);
    comparison.check({
      key: `files.${name}.hash`,
      property: 'Files',
      ok: message === null,
      severity: 'error',
      expected: textName(name, text),
      actual: fileName(file),
      message: message ?? '',
      remedy:
        author === 'npsd'
          ? 'Give Trueup a package of its own name, or declare manage: update to replace the files.'
          : `Put ${name} as it comes with this release into the package.`,
      ...(author === 'other' ? {} : { fix }),
    });
    comparison.check({
      key: `files.${name}.cached`,
      property: 'Files',
      ok: !/^error/i.test(file.cacheStatus),
      severity: 'error',
      expected: 'Cached',
      actual: file.cacheStatus,
      message: `Tanium does not have the file ${name}: ${file.cacheStatus}.`,
      remedy: `Upload ${name} again: no action starts before all files are cached.`,
    });
  }
  checkVersion(comparison, expected, found, sensorVersion);
  return authors.includes('other') ? 'other' : authors.includes('npsd') ? 'npsd' : 'trueup';
}

/** `message` null: it is what it should be. */
function holds(file: ObservedFile, text: string): { readonly author: Author; readonly message: string | null } {
  const { name, hash, text: there } = file;
  if (spellingsOf(text).some((spelling) => sha256(spelling) === hash)) return { author: 'trueup', message: null };
  if (there === null) {
    // A signed copy is another file too: that nobody can tell without its text is no reason to replace it.
    return {
      author: 'other',
      message: `The package's ${name} is another file (SHA-256 ${hash.slice(0, 8)}), and Tanium does not give its text.`,
    };
  }
  if (normalised(there) === normalised(text)) return { author: 'trueup', message: null };
  const author = authorOf(there);
  if (author === 'npsd')
    return { author, message: `The package holds NPS-D's own ${name}, which does not speak with Trueup.` };
  if (author === 'other') return { author, message: `The package's ${name} is neither Trueup's nor NPS-D's.` };
  const [is, should] = [versionOf(there), versionOf(text)];
  const message =
    is === should
      ? `The package holds an altered copy of ${name}${is === null ? '' : ` ${is}`}.`
      : `The package holds version ${is ?? 'unknown'} of ${name}, and should hold ${should ?? 'another text'}.`;
  return { author, message };
}

/** The sensor reports what the package then changes: of two versions, one may not know what the other says. */
function checkVersion(
  comparison: Comparison,
  expected: readonly ExpectedFile[],
  found: readonly ObservedFile[],
  sensorVersion: string | null,
): void {
  const file = found.find(({ name }) => name === managementFile);
  const wanted = expected.find(({ name }) => name === managementFile);
  if (file === undefined || wanted === undefined) return;
  const version =
    file.text === null
      ? holds(file, wanted.text).message === null
        ? versionOf(wanted.text)
        : null
      : versionOf(file.text);
  comparison.check({
    key: 'version',
    property: 'Version of the scripts',
    ok: version === null || sensorVersion === null || version === sensorVersion,
    severity: 'error',
    expected: sensorVersion,
    actual: version,
    message: `The sensor holds version ${sensorVersion ?? 'unknown'} of ${managementFile}, and the package ${version ?? 'unknown'}.`,
    remedy: 'Put the files of one release into sensor and package.',
  });
}

function fileName({ name, hash }: ObservedFile): string {
  return `${name} (sha256 ${hash.slice(0, 8)})`;
}

function textName(name: string, text: string): string {
  return `${name} (sha256 ${sha256(text).slice(0, 8)})`;
}
