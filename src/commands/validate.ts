/** `trueup validate`: reads the whole configuration and tells everything that is wrong with it. */
import { type Problem, problemLines } from '../desired/problem.ts';
import { type Reading, readDesired } from '../desired/read.ts';
import type { Io } from './io.ts';

export interface ValidateOptions {
  /** Files and folders, relative to the working directory. */
  readonly config: readonly string[];
  readonly format: 'text' | 'json';
}

/** Exits 0, or 1 where there is an error; a warning is none. */
export async function validate(options: ValidateOptions, io: Io): Promise<number> {
  const reading = await readDesired({ paths: options.config, cwd: io.cwd, now: new Date().toISOString() });
  io.out(options.format === 'json' ? readingJson(reading) : readingText(reading, io.color));
  return reading.errors.length === 0 ? 0 : 1;
}

function readingJson({ errors, warnings }: Reading): string {
  return `${JSON.stringify({ ok: errors.length === 0, errors, warnings }, null, 2)}\n`;
}

function readingText({ errors, warnings, files }: Reading, color: boolean): string {
  const lines = [...told(errors, 'error', color), ...told(warnings, 'warning', color)];
  const counts = [counted(errors.length, 'error'), counted(warnings.length, 'warning')].filter((one) => one !== null);
  if (errors.length === 0) counts.unshift('ok');
  lines.push([counts.join(', '), counted(files.length, 'file')].filter((part) => part !== null).join(' in '));
  return `${lines.join('\n')}\n`;
}

function told(problems: readonly Problem[], severity: 'error' | 'warning', color: boolean): string[] {
  const lines = problemLines(problems, severity);
  if (!color) return lines;
  const paint = severity === 'error' ? '\u001b[31m' : '\u001b[33m';
  return lines.map((line) => line.replace(`: ${severity}:`, `: ${paint}${severity}\u001b[39m:`));
}

/** `2 errors`; null: none. */
function counted(count: number, word: string): string | null {
  return count === 0 ? null : `${count} ${word}${count === 1 ? '' : 's'}`;
}
