/** `trueup password open`: opens an export with the private key, offline: without configuration, store or key of Trueup. */
import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf, TrueupError } from '../errors.ts';
import { credentialBinding } from '../model/credential.ts';
import { isCalled } from '../model/device-name.ts';
import { type ExportedPassword, exportedIn } from '../model/exported.ts';
import { jsonLine } from '../render/json.ts';
import { type Opener, openerOf } from '../secrets/recipient.ts';
import type { Io } from './io.ts';
import { notHeld } from './kept-passwords.ts';
import { keyText } from './password-export.ts';

export interface OpenOptions {
  readonly file: string;
  /** File of the RSA private key. */
  readonly key: string;
  /** Any of its names; null: of every device. */
  readonly device: string | null;
  readonly account: string | null;
  /** One JSON line for each password, those that were replaced too; else the only one that is meant, alone. */
  readonly all: boolean;
}

/** Exits 0. Throws TRUEUP_RECIPIENT_INVALID, TRUEUP_BOX_CLOSED, TRUEUP_PASSWORD_NOT_HELD, TRUEUP_USAGE. */
export async function passwordOpen(options: OpenOptions, io: Io): Promise<number> {
  // Not an option: what stands on a command line is in the list of processes.
  const passphrase = io.env['TRUEUP_PASSPHRASE'] ?? null;
  const opener = openerOf(await keyText(options.key, io), options.key, passphrase);
  const found: ExportedPassword[] = [];
  let others = 0;
  for await (const line of linesOf(options.file, io)) {
    if (!isMeant(line, options)) continue;
    if (line.key !== opener.fingerprint) others += 1;
    else found.push(line);
  }
  if (found.length === 0) {
    const sealed = others === 0 ? '' : ` of those that are sealed to ${opener.fingerprint}`;
    throw notHeld(`${options.file} holds no such password${sealed}.`);
  }
  if (options.all) for (const line of found) io.out(`${jsonLine(plainOf(line, opener))}\n`);
  else {
    const one = onlyOne(found);
    io.out(`${plainOf(one, opener).password}\n`);
    const hasOther = one.state === 'current' && found.some((line) => line.state === 'pending' && isSame(line, one));
    if (hasOther && io.verbosity !== 'quiet') io.err(`${undecided}\n`);
  }
  return 0;
}

const undecided =
  'When this was exported, nobody knew whether the account has this password or a newer one; --all opens all of them.';

/** Throws TRUEUP_USAGE with the line that is none. */
async function* linesOf(file: string, { cwd }: Pick<Io, 'cwd'>): AsyncGenerator<ExportedPassword> {
  let number = 0;
  try {
    for await (const text of createInterface({ input: createReadStream(resolve(cwd, file)) })) {
      number += 1;
      if (text.trim() === '') continue;
      const line = exportedIn(text);
      if (line === null) {
        const source = `${file}:${number}`;
        throw new TrueupError('TRUEUP_USAGE', 'This is no line of `trueup password export`.', { source });
      }
      yield line;
    }
  } catch (error) {
    if (error instanceof TrueupError) throw error;
    throw new TrueupError('TRUEUP_USAGE', `The export cannot be read: ${messageOf(error)}.`, { origin: error });
  }
}

function isMeant({ device: name, computerId, account }: ExportedPassword, options: OpenOptions): boolean {
  if (options.device !== null && !isCalled({ name, computerId }, options.device)) return false;
  return options.account === null || account === options.account.toLowerCase();
}

/** The current one where there is one; else the only one. Throws TRUEUP_USAGE. */
function onlyOne(found: readonly ExportedPassword[]): ExportedPassword {
  const current = found.filter(({ state }) => state === 'current');
  const [one, ...others] = current.length === 0 ? found : current;
  if (one !== undefined && others.length === 0) return one;
  throw new TrueupError('TRUEUP_USAGE', `${others.length + 1} passwords are meant.`, {
    remedy: 'Name one with --device and --account, or open them all with --all.',
  });
}

function isSame(one: ExportedPassword, other: ExportedPassword): boolean {
  const { provider, computerId, account } = other;
  return one.provider === provider && one.computerId === computerId && one.account === account;
}

interface PlainPassword extends Omit<ExportedPassword, 'version' | 'box'> {
  readonly password: string;
}

function plainOf({ version: _, box, ...line }: ExportedPassword, opener: Opener): PlainPassword {
  const plain = opener.open(box, credentialBinding(line.provider, line, line));
  try {
    return { ...line, password: plain.toString('utf8') };
  } finally {
    plain.fill(0);
  }
}
