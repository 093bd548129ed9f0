/** `trueup token list` and `trueup token rotate`. No token is ever printed. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLease } from '../apply/lease.ts';
import { rotateToken, type TokenMeans, type TokenNote, type TokenPlace, type TokenRotation } from '../apply/token.ts';
import { TrueupError } from '../errors.ts';
import type { ObservedToken } from '../model/content.ts';
import type { DesiredProvider } from '../model/desired.ts';
import { daysLeft } from '../model/moment.ts';
import { tokenInUse } from '../reconcile/content-token.ts';
import { jsonLine } from '../render/json.ts';
import { type ListedToken, tokensJson, tokensText } from '../render/tokens.ts';
import { minute } from '../render/words.ts';
import { readSecret } from '../secrets/reference.ts';
import { handToSink, replaceFirstLine } from '../secrets/token-place.ts';
import { agreed } from './ask.ts';
import { type Fleet, fleetOf } from './fleet.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { leaseContext, openSession, type Session, type SessionOptions } from './session.ts';
import { stateFolder } from './state-folder.ts';
import { statusOf } from './status.ts';
import { randomIds, systemClock } from './system.ts';

export interface TokenListOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
}

/** Exits 0. */
export async function tokenList(options: TokenListOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    const { fleet, configuration } = session;
    const { apiToken } = configuration.desired.content;
    const tokens = await fleet.tokens.list(io.signal);
    const userId = await fleet.tokens.user(io.signal);
    const current = tokenInUse(tokens, userId === 0 ? null : { userId }, apiToken.name);
    const listed = tokens.map((token) => listedToken(token, current));
    const text =
      options.format === 'json'
        ? tokensJson(listed)
        : tokensText(listed, apiToken.warnDays, { ...viewOf(io), devices: false });
    io.out(text);
    return 0;
  } finally {
    await session.close();
  }
}

function listedToken(token: ObservedToken, current: ObservedToken | null): ListedToken {
  const { id, name, userId, personaId, expiresAt, lastUsedAt } = token;
  return {
    id,
    name,
    user: userId,
    persona: personaId,
    expires: expiresAt,
    daysLeft: expiresAt === null ? null : daysLeft(expiresAt, Date.parse(systemClock.now())),
    lastUsed: lastUsedAt,
    current: token === current,
  };
}

export interface TokenRotateOptions extends TokenListOptions {
  /** A line for the shell that takes the token on its standard input; null: the file of apiKey is replaced. */
  readonly sink: string | null;
  /** Of the token in use, where that is not plain. */
  readonly id: number | null;
  readonly yes: boolean;
  /** Seconds to wait for another run of the provider. */
  readonly wait: number;
}

/** Exits 0. Throws TRUEUP_USAGE where there is no place for the new token, TRUEUP_NOT_CONFIRMED, TRUEUP_SINK_FAILED. */
export async function tokenRotate(options: TokenRotateOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'write');
  const status = statusOf(io);
  try {
    const { provider } = session.configuration;
    const place = placeOf(provider, options, io);
    const question = `Make a new API token for ${provider.name} and end the old one?`;
    if (!options.yes && !(await agreed(question, 'no token was made', io))) {
      io.out('Nothing was changed.\n');
      return 0;
    }
    const lease = leaseContext(session.store, 'token rotate', io, status.tell);
    const done = await withLease(lease, provider.name, options.wait, async () =>
      rotateToken(await meansOf(session, options, place, io), {
        name: session.configuration.desired.content.apiToken.name,
        id: options.id,
      }),
    );
    io.out(options.format === 'json' ? `${jsonLine(done)}\n` : `${told(done, place)}\n`);
    return 0;
  } finally {
    status.clear();
    await session.close();
  }
}

/** An environment is of this process alone: the next one would read the old token, which has ended by then. */
function placeOf({ apiKey, ref }: DesiredProvider, { sink }: TokenRotateOptions, io: Io): TokenPlace {
  if (sink !== null) {
    return { kind: 'sink', put: (value) => handToSink(sink, value, io) };
  }
  if ('file' in apiKey) {
    const { file } = apiKey;
    return { kind: 'file', put: async (value) => replaceFirstLine(file, value, io.cwd) };
  }
  const where = 'env' in apiKey ? `the variable ${apiKey.env}` : `the command ${apiKey.command[0] ?? ''}`;
  throw new TrueupError('TRUEUP_USAGE', `apiKey is read from ${where}, where nobody can put a new token.`, {
    cause: 'A new token has to be where the next run reads it, before the old one ends.',
    remedy: 'Give --sink CMD, a command that takes the token on its standard input, or let apiKey be a {file}.',
    source: `${ref.source.file}:${ref.source.line}`,
  });
}

async function meansOf(
  { configuration, fleet, logs }: Session,
  { store }: TokenRotateOptions,
  place: TokenPlace,
  io: Io,
): Promise<TokenMeans> {
  const { provider } = configuration;
  const value = await readSecret(provider.apiKey, io);
  const { folder } = stateFolder(store, io);
  return {
    tokens: fleet.tokens,
    hash: createHash('sha256').update(value).digest('hex'),
    connect: (token) => connectWith(token, provider, io, logs),
    place,
    notes: notesIn(join(folder, `token-rotation-${sha(provider.name)}.json`)),
    next: () => randomIds.next(),
    signal: io.signal,
    tell: (text) => io.verbosity !== 'quiet' && io.err(`${text}\n`),
  };
}

function sha(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}

/** The variable that a token under test is read from, by nobody but this process. */
const underTest = 'TRUEUP_TOKEN_UNDER_TEST';

async function connectWith(
  token: string,
  provider: DesiredProvider,
  { env, cwd, signal }: Io,
  logs: Session['logs'],
): ReturnType<TokenMeans['connect']> {
  const fleet: Fleet = fleetOf(
    { ...provider, apiKey: { env: underTest } },
    {
      env: { ...env, [underTest]: token },
      cwd,
      signal,
      clock: systemClock,
      log: (record) => logs.api[record.error === null ? 'info' : 'warn'](record, 'tanium request'),
    },
  );
  const { failure } = await fleet.connection.reach(signal);
  if (failure !== null) {
    await fleet.close();
    throw failure.error;
  }
  return { tokens: fleet.tokens, close: () => fleet.close() };
}

function notesIn(file: string): TokenMeans['notes'] {
  return {
    read: () => (existsSync(file) ? noteFrom(readFileSync(file, 'utf8')) : null),
    write: (note) => {
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      const draft = `${file}.${process.pid}.tmp`;
      writeFileSync(draft, `${JSON.stringify(note)}\n`, { mode: 0o600 });
      renameSync(draft, file);
    },
    clear: () => rmSync(file, { force: true }),
  };
}

/** Null: somebody else wrote it, and it says nothing. */
function noteFrom(text: string): TokenNote | null {
  try {
    const { old, mark, hash }: Partial<TokenNote> = JSON.parse(text) as Partial<TokenNote>;
    const isWhole = typeof old === 'number' && typeof mark === 'string' && /^trueup-[0-9a-f]{12}$/.test(mark);
    return isWhole ? { old, mark, hash: typeof hash === 'string' ? hash : null } : null;
  } catch {
    return null;
  }
}

function told({ old, new: made, expires, finished }: TokenRotation, place: TokenPlace): string {
  const until = expires === null ? '' : `, good until ${minute(expires)}`;
  if (finished)
    return `An earlier run had put the new token ${made} in its place${until}; the old one, ${old}, has ended now.`;
  const where = place.kind === 'file' ? 'in the file that apiKey names' : 'with the command of --sink';
  return `The new token ${made} is ${where}${until}; the old one, ${old}, has ended.`;
}
