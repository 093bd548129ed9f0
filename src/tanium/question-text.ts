/** The text of a question, as Tanium's own parser reads it (tanium-api.md 3). */
import { maxByNumber } from '../model/aim.ts';
import { idNumber } from '../model/id-places.ts';

/** Sensors of every scan, before the one that is asked for; two or more sensors give one row per machine. */
export const identitySensors = ['Computer ID', 'Computer Name'] as const;

/** Words of the grammar; a name that contains one of them as a word is quoted. */
const reserved =
  /(?:^|\s)(?:all|and|any|as|contains|containing|does|ends|equals|equal|from|get|greater|having|in|is|less|machines|match|matches|not|of|or|starts|than|that|where|with)(?=\s|$)/i;
const plain = /^[\p{L}\p{N}_ /()&+#-]+$/u;

/** A sensor's or group's name in a question: as it is, or in double quotes with `""` for a quote. */
export function quoted(name: string): string {
  const bare = plain.test(name) && !reserved.test(name) && !/^\s|\s$|\s\s/.test(name);
  return bare ? name : `"${name.replaceAll('"', '""')}"`;
}

/** One sensor of a question; `parameter`: digits only. `maxAgeSeconds` null: the sensor's own maximum age. */
export function sensorTerm(name: string, maxAgeSeconds: number | null, parameter?: string): string {
  if (parameter !== undefined && !/^\d+$/.test(parameter)) throw new RangeError('the parameter is no number');
  const bracketed = parameter === undefined ? '' : `[${parameter}]`;
  return `${quoted(name)}${bracketed}${maxAgeSeconds === null ? '' : `?maxAge=${maxAgeSeconds}`}`;
}

/**
 * `Computer ID equals 1 or Computer ID equals 2`. A server refuses questions above some 32,000 characters
 * (`question_size_limit`), so at most `maxByNumber` ids.
 */
export function targetText(computerIds: readonly string[]): string {
  if (computerIds.length === 0 || computerIds.length > maxByNumber) {
    throw new RangeError(`${computerIds.length} targets; 1 to ${maxByNumber} fit into one question`);
  }
  for (const id of computerIds) if (!isComputerId(id)) throw new RangeError('a Computer ID is a decimal number');
  return computerIds.map((id) => `Computer ID equals ${id}`).join(' or ');
}

/** 32 bits, never 0; anything else would be text in a question. */
export function isComputerId(text: string): boolean {
  return idNumber(text) !== null;
}

export function questionText(terms: readonly string[], computerIds: readonly string[] | null): string {
  const machines = computerIds === null ? '' : ` with ( ${targetText(computerIds)} )`;
  return `Get ${terms.join(' and ')} from all machines${machines}`;
}

export function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  const chunks: T[][] = [];
  for (let start = 0; start < items.length; start += size) chunks.push(items.slice(start, start + size));
  return chunks;
}
