/** The options that verbs share, and what their values must look like. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TrueupError } from '../errors.ts';
import { secondsOf } from '../model/duration.ts';
import { type Guard, guards, releasableGuards } from '../model/guard.ts';
import type { Allowance } from '../model/plan.ts';
import type { Format, Io } from './io.ts';
import type { SessionOptions } from './session.ts';

/** Is told the exit status of a verb. */
export type Finish = (exitCode: number) => void;

const defaultStore = 'sqlite:.trueup/state.db';

/** A verb inherits the program's settings, and takes --quiet and --verbose, which `cli.ts` reads. */
export function verb(program: Command, usage: string, description: string): Command {
  return program
    .command(usage)
    .description(description)
    .option('--quiet', 'no chatter on standard error')
    .option('--verbose', 'more of it');
}

export function configOption(): Option {
  return new Option(
    '--config <path>',
    'a file, or a folder with *.yaml below it; may be given again (TRUEUP_CONFIG; default: .)',
  ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
}

function formatOption(...formats: readonly Format[]): Option {
  return new Option('--format <format>', 'how the result is printed').choices([...formats]).default('text');
}

export interface Common {
  readonly config?: readonly string[];
  readonly store?: string;
  readonly logDir?: string;
  readonly format: Format;
  readonly json?: true;
}

export function withSession(command: Command): Command {
  return command
    .addOption(configOption())
    .addOption(
      new Option('--store <url>', `sqlite:PATH, or mongodb://HOST/DATABASE (TRUEUP_STORE; default: ${defaultStore})`),
    )
    .addOption(
      new Option('--log-dir <folder>', 'writes svc_scan.log, bulk_scan.log and tanium_api.log there (TRUEUP_LOG_DIR)'),
    );
}

export function withFormat(command: Command, ...formats: readonly Format[]): Command {
  return command.addOption(formatOption(...formats)).option('--json', 'the same as --format json');
}

/** What the command line does not say, the environment does (7-command-line.md). */
export function sessionOptions(given: Common, io: Io): SessionOptions {
  return {
    config: configPaths(given, io),
    store: given.store ?? variable(io, 'TRUEUP_STORE') ?? defaultStore,
    logDir: given.logDir ?? variable(io, 'TRUEUP_LOG_DIR'),
  };
}

export function configPaths({ config }: Pick<Common, 'config'>, io: Io): readonly string[] {
  return config ?? [variable(io, 'TRUEUP_CONFIG') ?? '.'];
}

function variable({ env }: Io, name: string): string | null {
  const value = env[name] ?? '';
  return value === '' ? null : value;
}

export function formatOf<F extends Format>({ format, json }: Common): F {
  return (json ? 'json' : format) as F;
}

/** `--allow`, which may be given again, and `--reason`, without which it does not go. */
export function withAllowances(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--allow <guard=device>',
        'sets one guard aside for one device; may be given again, always with --reason',
      ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]),
    )
    .option('--reason <text>', 'why, for the record of the run');
}

export interface AllowanceOptions {
  readonly allow?: readonly string[];
  readonly reason?: string;
}

/** `--approve`, which may be given again. */
export function withApprovals(command: Command): Command {
  return command.addOption(
    new Option(
      '--approve <wave>',
      'releases a wave that requires it, by its name or number; may be given again',
    ).argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]),
  );
}

/** Throws TRUEUP_USAGE. */
export function allowancesIn({ allow = [], reason = '' }: AllowanceOptions): readonly Allowance[] {
  const why = reason.trim();
  if (allow.length > 0 && why === '') {
    throw new TrueupError('TRUEUP_USAGE', 'A guard is set aside with a reason only: --reason is missing.');
  }
  if (allow.length === 0 && why !== '') {
    throw new TrueupError('TRUEUP_USAGE', '--reason says why a guard is set aside, and no --allow names one.');
  }
  return allow.map((text) => {
    const at = text.indexOf('=');
    const [guard, device] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
    if (at === -1 || device === '') {
      throw new TrueupError('TRUEUP_USAGE', `--allow takes GUARD=DEVICE, not ${JSON.stringify(text)}.`);
    }
    if (!isGuard(guard)) {
      const known = [...releasableGuards].join(', ');
      throw new TrueupError('TRUEUP_USAGE', `There is no guard ${JSON.stringify(guard)}; --allow knows ${known}.`);
    }
    return { guard, device, reason: why };
  });
}

function isGuard(text: string): text is Guard {
  return guards.some((guard) => guard === text);
}

/** Commander puts the option and the text before what these say. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.');
  return Number(text);
}

export function seconds(text: string): number {
  return wholeNumber(text.replace(/s$/, ''));
}

/** Seconds. */
export function duration(text: string): number {
  if (!/^[1-9]\d{0,8}[smhdw]$/.test(text))
    throw new InvalidArgumentError('It is not a duration such as 30m, 6h or 2d.');
  return secondsOf(text);
}

export function share(text: string): number {
  if (!/^(?:0(?:\.\d+)?|1(?:\.0+)?|\.\d+)$/.test(text)) {
    throw new InvalidArgumentError('It is not a share from 0 to 1.');
  }
  return Number(text);
}

/** What `trueup scan` is asked for, one thing at a time. Throws TRUEUP_USAGE. */
export function refuseMixedScan(given: {
  readonly bulk: boolean;
  readonly device?: string;
  readonly collectNow: boolean;
  readonly status: boolean;
  readonly watch: boolean;
}): void {
  const { bulk, device, collectNow, status, watch } = given;
  if (bulk && device !== undefined) {
    throw new TrueupError('TRUEUP_USAGE', '--bulk is of a whole group: it does not go with --device.');
  }
  if (status && (bulk || device !== undefined || collectNow)) {
    throw new TrueupError('TRUEUP_USAGE', '--status scans nothing: it goes with --watch and --json alone.');
  }
  if (watch && !status) throw new TrueupError('TRUEUP_USAGE', '--watch looks on: it goes with --status.');
}
