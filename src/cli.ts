/** argv → command; the only file that ends the process and has its streams. */
import { createInterface } from 'node:readline/promises';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import type { Io } from './commands/io.ts';
import { TrueupError } from './errors.ts';

interface Interruption {
  readonly signal: AbortSignal;
  /** 128 + the number of the signal that came; 130 before one did. */
  readonly exitCode: () => number;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Sent to a whole process group, one signal comes twice: by itself, and from the starter that passes it on. */
const echoMilliseconds = 500;

/** The first signal ends the run at its next safe place, a second one at once. */
function watchSignals(): Interruption {
  const controller = new AbortController();
  let code = 130;
  let heardAt = 0;
  for (const [name, number] of Object.entries(signals)) {
    process.on(name, () => {
      if (controller.signal.aborted) {
        if (performance.now() - heardAt > echoMilliseconds) process.exit(number);
        return;
      }
      heardAt = performance.now();
      code = number;
      controller.abort(new TrueupError('TRUEUP_INTERRUPTED', `The run was interrupted by ${name}.`));
    });
  }
  return { signal: controller.signal, exitCode: () => code };
}

/** Of a terminal that nobody has told its size, such as a container's: it says 0. */
const usual = { columns: 80, rows: 24 } as const;

function processIo(signal: AbortSignal, argv: readonly string[]): Io {
  const { stdin, stdout, stderr, env } = process;
  const plain = (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    ask: stdin.isTTY && stderr.isTTY ? (question) => ask(question, signal) : null,
    screen: stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb' ? (text, time) => show(text, time, signal) : null,
    input: stdin.isTTY ? null : () => text(stdin),
    env,
    cwd: process.cwd(),
    color: stdout.isTTY && !plain,
    columns: stdout.isTTY ? stdout.columns || usual.columns : undefined,
    rows: stdout.isTTY ? stdout.rows || usual.rows : undefined,
    statusColumns: stderr.isTTY && env['TERM'] !== 'dumb' ? stderr.columns || usual.columns : null,
    signal,
    verbosity: argv.includes('--quiet') ? 'quiet' : argv.includes('--verbose') ? 'verbose' : 'normal',
  };
}

async function ask(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await terminal.question(question, { signal })).trim() === 'yes';
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}

const ownScreen = '\u001B[?1049h\u001B[2J\u001B[H';
const formerScreen = '\u001B[2J\u001B[H\u001B[?1049l';

/** On the alternate screen, of which a terminal keeps nothing. A signal ends it, too. */
async function show(text: string, milliseconds: number, signal: AbortSignal): Promise<void> {
  const { stdin, stdout } = process;
  const ended = new AbortController();
  const end = (): void => ended.abort();
  stdout.write(`${ownScreen}${text}`);
  stdin.setRawMode(true);
  stdin.once('data', end).resume();
  try {
    await setTimeout(milliseconds, undefined, { signal: AbortSignal.any([signal, ended.signal]) }).catch(() => {});
  } finally {
    stdin.off('data', end).pause();
    stdin.setRawMode(false);
    stdout.write(formerScreen);
  }
}

/** What is in the pipes is read to its end. */
async function drained(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map((stream) => new Promise<void>((done) => stream.write('', () => done()))),
  );
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // A reader that went away (`| head`) is no error: the run goes on to its own end and its own exit status.
    if (error.code !== 'EPIPE') process.exit(1);
  });
}

const argv = process.argv.slice(2);
const interruption = watchSignals();
const { main } = await import('./commands/main.ts');
const code = await main(argv, processIo(interruption.signal, argv));
await drained();
process.exit(code === 130 ? interruption.exitCode() : code);
