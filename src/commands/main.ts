/** One command line from its words to its exit status, and what an error looks like. */
import { CommanderError } from 'commander';
import { asTrueupError, TrueupError } from '../errors.ts';
import { type Io, viewOf } from './io.ts';
import { programOf } from './program.ts';

/** Answers the exit status. Nothing is thrown: every error is printed, with its code, cause and remedy. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await run(argv, io);
  } catch (error) {
    return await failed(error, argv, io);
  }
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  let exitCode = 0;
  const finish = (code: number): void => {
    exitCode = code;
  };
  const program = programOf(io, finish, main);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are asked for; help without a verb is a command line without a command.
    if (error.exitCode === 0) return 0;
    if (error.code === 'commander.help') return 1;
    throw new TrueupError('TRUEUP_USAGE', sentence(error.message), {
      remedy: 'See `trueup --help`, or the command with --help.',
    });
  }
}

function sentence(message: string): string {
  const text = message
    .replace(/^error: /, '')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim();
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.?)]$/.test(capital) ? capital : `${capital}.`;
}

async function failed(error: unknown, argv: readonly string[], io: Io): Promise<number> {
  const { errorJson, errorText } = await import('../render/error-text.ts');
  const { plain } = await import('../render/escape.ts');
  const known = asTrueupError(error);
  if (wantsJson(argv)) io.out(errorJson(known));
  io.err(errorText(known, viewOf(io)));
  const { origin } = known;
  if (io.verbosity === 'verbose' && origin instanceof Error)
    io.err(`${(origin.stack ?? origin.message).split('\n').map(plain).join('\n')}\n`);
  return known.exitCode;
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, index) =>
      word === '--json' || word === '--format=json' || (word === '--format' && argv[index + 1] === 'json'),
  );
}
