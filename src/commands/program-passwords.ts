/** The verbs of passwords, their keys, and what saves both. */
import { type Command, Option } from 'commander';
import { TrueupError } from '../errors.ts';
import type { Io } from './io.ts';
import {
  type Common,
  type Finish,
  formatOf,
  seconds,
  sessionOptions,
  verb,
  withFormat,
  withSession,
} from './options.ts';

export function addPasswords(program: Command, io: Io, finish: Finish): void {
  const password = program
    .command('password')
    .description('shows, lists, exports and opens the passwords that are kept')
    .helpCommand(false);
  addReveal(password, io, finish);
  const key = program.command('key').description('lists and changes the key that seals passwords').helpCommand(false);
  addKeys(key, io, finish);
}

function addReveal(password: Command, io: Io, finish: Finish): void {
  const command = verb(password, 'reveal', 'shows one password on the terminal, and keeps who has seen it and why')
    .argument('<device>', 'Computer Name, NAME#COMPUTERID, the name without its domain, or Computer ID')
    .requiredOption('--reason <text>', 'why, for the audit chain')
    .option('--account <name>', 'as it is declared, or builtin; without it, the only one that is kept')
    .option('--previous', 'the one before the current one', false)
    .option('--stdout', 'prints the password and a line feed, nothing else', false)
    .addOption(new Option('--json').hideHelp());
  type Given = Common & {
    readonly reason: string;
    readonly account?: string;
    readonly previous: boolean;
    readonly stdout: boolean;
  };
  withSession(command).action(async (device: string, given: Given) => {
    const { reason, account = null, previous, stdout } = given;
    if (given.json) throw new TrueupError('TRUEUP_USAGE', 'A password is not shown as JSON: --stdout prints it alone.');
    if (reason.trim() === '') throw new TrueupError('TRUEUP_USAGE', '--reason says why, and is empty.');
    const { passwordReveal } = await import('./password-reveal.ts');
    const options = { ...sessionOptions(given, io), device, account, reason: reason.trim(), previous, stdout };
    finish(await passwordReveal(options, io));
  });
}

function addKeys(key: Command, io: Io, finish: Finish): void {
  const list = verb(key, 'list', 'lists the keys, and what is sealed under each');
  withFormat(withSession(list), 'text', 'json').action(async (given: Common) => {
    const { keyList } = await import('./key-list.ts');
    finish(await keyList({ ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) }, io));
  });
  const rotate = verb(
    key,
    'rotate',
    'makes a new key and seals everything under it, or goes on with what was cut off',
  ).option('--wait <seconds>', 'how long to wait for another run of a provider', seconds, 0);
  withFormat(withSession(rotate), 'text', 'json').action(async (given: Common & { readonly wait: number }) => {
    const { keyRotate } = await import('./key-rotate.ts');
    const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given), wait: given.wait };
    finish(await keyRotate(options, io));
  });
}
