/** The keys that seal: where they come from, and the first one. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { TrueupError } from '../errors.ts';
import { createKeyFile, freshKey, keyFrom, readKeyFile, type SealingKey, versionOf } from './key-file.ts';

export interface KeyRing {
  /** The newest last, read anew where the file has changed; none: there is no file yet. Throws TRUEUP_KEY_INVALID. */
  readonly keys: () => readonly SealingKey[];
  /** The newest; made where there is none yet and nothing is sealed. Throws TRUEUP_KEY_INVALID, TRUEUP_KEY_MISSING. */
  readonly newest: () => SealingKey;
  /** For messages: a path, or the name of the variable. */
  readonly place: string;
  /** Null: the keys are a variable's, and not ours to change. */
  readonly file: string | null;
}

export interface KeySource {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a relative TRUEUP_KEY_FILE begins. */
  readonly cwd: string;
  /** Path of the file where no variable names another. */
  readonly file: string;
  /** Whether the first key may be made here: not where the store holds what another one has sealed. */
  readonly mayMake: boolean;
  /** ISO time. */
  readonly now: () => string;
}

/** TRUEUP_KEY holds keys, the newest last; TRUEUP_KEY_FILE names the file of them. Throws TRUEUP_USAGE. */
export function keyRing(source: KeySource): KeyRing {
  const { env, cwd, file } = source;
  const text = env['TRUEUP_KEY'] ?? '';
  const path = env['TRUEUP_KEY_FILE'] ?? '';
  if (text !== '' && path !== '') {
    throw new TrueupError('TRUEUP_USAGE', 'TRUEUP_KEY and TRUEUP_KEY_FILE are both set.', {
      remedy: 'Set one of them: a key, or the path of a file with keys.',
    });
  }
  return text === '' ? ringOfFile(path === '' ? file : resolve(cwd, path), source) : ringOfVariable(text);
}

function ringOfVariable(text: string): KeyRing {
  const place = 'TRUEUP_KEY';
  let read: readonly SealingKey[] | null = null;
  const keys = (): readonly SealingKey[] => {
    read ??= text
      .split(/[\s,]+/)
      .filter((part) => part !== '')
      .map((part) => keyFrom(part, null) ?? malformed());
    return read;
  };
  return { keys, newest: () => keys().at(-1) ?? malformed(), place, file: null };
}

function malformed(): never {
  throw new TrueupError('TRUEUP_KEY_INVALID', 'TRUEUP_KEY is not 32 bytes in Base64 or hexadecimal.');
}

function ringOfFile(path: string, { mayMake, now }: KeySource): KeyRing {
  let read: { readonly keys: readonly SealingKey[]; readonly version: string } = { keys: [], version: '' };

  function keys(): readonly SealingKey[] {
    const stat = statSync(path, { throwIfNoEntry: false });
    // What is in memory opens on, whoever took the file away meanwhile.
    if (stat !== undefined && versionOf(stat) !== read.version) read = readKeyFile(path) ?? read;
    return read.keys;
  }

  function newest(): SealingKey {
    const known = keys().at(-1);
    if (known !== undefined) return known;
    if (!mayMake) throw missing(path);
    createKeyFile(path, [freshKey(now())]);
    return keys().at(-1) ?? missingStill(path);
  }

  return { keys, newest, place: path, file: path };
}

function missing(path: string): TrueupError {
  return new TrueupError(
    'TRUEUP_KEY_MISSING',
    `There is no key file ${path}, and the store holds what a key has sealed.`,
  );
}

function missingStill(path: string): never {
  throw missing(path);
}
