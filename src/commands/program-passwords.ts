/** The verbs of passwords, their keys, and what saves both. */
import { type Command, Option } from 'commander';
import { TrueupError } from '../errors.ts';
import type { Io } from './io.ts';
import { type Common, type Finish, sessionOptions, verb, withSession } from './options.ts';

export function addPasswords(program: Command, io: Io, finish: Finish): void {
  const password = program
    .command('password')
    .description('shows, lists, exports and opens the passwords that are kept')
    .helpCommand(false);
  addReveal(password, io, finish);
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
