/** The verbs of passwords, their keys, and what saves both. */
import { type Command, Option } from 'commander';
import { TrueupError } from '../errors.ts';
import type { Io } from './io.ts';
import {
  type AllowanceOptions,
  allowancesIn,
  type Common,
  type Finish,
  formatOf,
  seconds,
  sessionOptions,
  verb,
  withAllowances,
  withApprovals,
  withFormat,
  withSession,
} from './options.ts';

export function addPasswords(program: Command, io: Io, finish: Finish): void {
  addRotate(program, io, finish);
  const password = program
    .command('password')
    .description('shows, lists, exports and opens the passwords that are kept')
    .helpCommand(false);
  addReveal(password, io, finish);
  addHistory(password, io, finish);
  addExport(password, io, finish);
  addOpen(password, io, finish);
  const key = program.command('key').description('lists and changes the key that seals passwords').helpCommand(false);
  addKeys(key, io, finish);
  addBackup(program, io, finish);
  addRestore(program, io, finish);
}

function addRotate(program: Command, io: Io, finish: Finish): void {
  const command = verb(
    program,
    'rotate',
    'changes passwords that are due, and nothing else: shows the plan, asks, does it',
  )
    .option('--policy <name>', 'of this PasswordRotationPolicy alone')
    .option('--device <name>', 'of this device alone')
    .option('--account <name>', 'of this account alone, as it is declared; builtin is the built-in Administrator')
    .option('--now', 'those that are not due, too', false)
    .option('--yes', 'does not ask', false)
    .option('--devices', 'names the devices of each change', false)
    .option('--wait <seconds>', 'how long to wait for another run of the provider', seconds, 0);
  type Given = Common &
    AllowanceOptions & {
      readonly policy?: string;
      readonly device?: string;
      readonly account?: string;
      readonly now: boolean;
      readonly yes: boolean;
      readonly devices: boolean;
      readonly approve?: readonly string[];
      readonly wait: number;
    };
  withFormat(withSession(withApprovals(withAllowances(command))), 'text', 'json').action(async (given: Given) => {
    const { rotate } = await import('./rotate.ts');
    const { policy = null, device = null, account = null, now, yes, devices, approve = [], wait } = given;
    const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
    const asked = { policy, device, account, now, allow: allowancesIn(given), approve };
    finish(await rotate({ ...options, ...asked, yes, devices, wait }, io));
  });
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

function addHistory(password: Command, io: Io, finish: Finish): void {
  const command = verb(password, 'history', 'lists the passwords that are kept of a device, and who has read them')
    .argument('<device>', 'Computer Name, NAME#COMPUTERID, the name without its domain, or Computer ID')
    .option('--account <name>', 'of this account alone');
  withFormat(withSession(command), 'text', 'json').action(
    async (device: string, given: Common & { readonly account?: string }) => {
      const { passwordHistory } = await import('./password-history.ts');
      const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
      finish(await passwordHistory({ ...options, device, account: given.account ?? null }, io));
    },
  );
}

function addExport(password: Command, io: Io, finish: Finish): void {
  const command = verb(password, 'export', 'prints passwords sealed to an RSA key, one JSON line each')
    .option('--to <file>', 'the public key in PEM; `trueup password open` opens them with the private one')
    .option(
      '--recovery',
      'what is sealed to recovery keys already, for which the key of the store is not needed',
      false,
    )
    .option('--device <name>', 'of this device alone')
    .option('--reason <text>', 'why, for the audit chain');
  type Given = Common & {
    readonly to?: string;
    readonly recovery: boolean;
    readonly device?: string;
    readonly reason?: string;
  };
  withSession(command).action(async (given: Given) => {
    const { to = null, recovery, device = null, reason = null } = given;
    if ((to === null) !== recovery) {
      throw new TrueupError('TRUEUP_USAGE', 'Give either --to, the public key to seal to, or --recovery.');
    }
    const { passwordExport } = await import('./password-export.ts');
    finish(await passwordExport({ ...sessionOptions(given, io), to, device, reason }, io));
  });
}

function addOpen(password: Command, io: Io, finish: Finish): void {
  verb(password, 'open', 'opens an export with the private key, without store and configuration')
    .argument('<file>', 'what `trueup password export` has printed')
    .requiredOption('--key <file>', 'the RSA private key in PEM; its passphrase is that of TRUEUP_PASSPHRASE')
    .option('--device <name>', 'of this device alone')
    .option('--account <name>', 'of this account alone')
    .addOption(new Option('--stdout', 'prints the password and a line feed, nothing else').default(false))
    .addOption(new Option('--all', 'prints all of them, one JSON line each').default(false).conflicts('stdout'))
    .action(async (file: string, given: OpenGiven) => {
      const { key, device = null, account = null, stdout, all } = given;
      if (!stdout && !all) throw new TrueupError('TRUEUP_USAGE', 'Give --stdout for one password, or --all.');
      const { passwordOpen } = await import('./password-open.ts');
      finish(await passwordOpen({ file, key, device, account, all }, io));
    });
}

interface OpenGiven {
  readonly key: string;
  readonly device?: string;
  readonly account?: string;
  readonly stdout: boolean;
  readonly all: boolean;
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

function addBackup(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'backup', 'writes store and keys into one file, sealed to an RSA key')
    .argument('<file>', 'where to; it must not be there')
    .requiredOption('--to <file>', 'the public key in PEM');
  withFormat(withSession(command), 'text', 'json').action(
    async (file: string, given: Common & { readonly to: string }) => {
      const { backup } = await import('./backup.ts');
      const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
      finish(await backup({ ...options, file, to: given.to }, io));
    },
  );
}

function addRestore(program: Command, io: Io, finish: Finish): void {
  const command = verb(program, 'restore', 'brings store and keys of a backup back, where there are none')
    .argument('<file>', 'what `trueup backup` has written')
    .requiredOption('--key <file>', 'the RSA private key in PEM; its passphrase is that of TRUEUP_PASSPHRASE');
  withFormat(withSession(command), 'text', 'json').action(
    async (file: string, given: Common & { readonly key: string }) => {
      const { restore } = await import('./restore.ts');
      const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
      finish(await restore({ ...options, file, key: given.key }, io));
    },
  );
}
