/**
 * A new API token in the place of the one in use. The old one ends last: whatever kills the run in between, the token
 * that is where it is read from works, and the next run clears up what this one left.
 */
import { createHash } from 'node:crypto';
import { TrueupError } from '../errors.ts';
import type { FleetTokens, NewToken } from '../fleet-ports.ts';
import type { ObservedToken } from '../model/content.ts';
import { tokenInUse } from '../reconcile/content-token.ts';

/** What a run keeps of itself; no token is in it. */
export interface TokenNote {
  /** Id of the token that is to end. */
  readonly old: number;
  /** Stands in the notes of the new token, by which it is found again. */
  readonly mark: string;
  /** SHA-256 of the new token, in hex; null: it is not known to have been made. */
  readonly hash: string | null;
}

export interface TokenMeans {
  /** With the token in use. */
  readonly tokens: FleetTokens;
  /** SHA-256 of the token in use, in hex. */
  readonly hash: string;
  /** A connection with another token; throws what is wrong with that. */
  readonly connect: (value: string) => Promise<{ readonly tokens: FleetTokens; readonly close: () => Promise<void> }>;
  readonly place: TokenPlace;
  readonly notes: {
    read(): TokenNote | null;
    write(note: TokenNote): void;
    clear(): void;
  };
  /** 12 hexadecimal digits. */
  readonly next: () => string;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

/** `file`: whoever reads it gets the new one at once. `sink`: a command that takes it, and may be slow to hand it on. */
export interface TokenPlace {
  readonly kind: 'file' | 'sink';
  readonly put: (value: string) => Promise<void>;
}

export interface TokenRotation {
  /** Ids. */
  readonly old: number;
  readonly new: number;
  readonly name: string;
  /** ISO time; null: Tanium did not say. */
  readonly expires: string | null;
  /** Whether an earlier run had made it, and this one ended what was left to do. */
  readonly finished: boolean;
}

export interface TokenRequest {
  /** The declared name; null: any. */
  readonly name: string | null;
  /** Which one is in use, where that is not plain; null: the one that was used last. */
  readonly id: number | null;
}

export async function rotateToken(means: TokenMeans, request: TokenRequest): Promise<TokenRotation> {
  const { tokens, notes, place, signal } = means;
  const list = await tokens.list(signal);
  const note = notes.read();
  if (note !== null && note.hash === means.hash) return finish(means, note, list);
  const old = await oldToken(means, request, list, note);
  // A file that does not hold the new one never got it; whoever took it from a sink may still use it.
  const leftOver = note === null ? [] : list.filter(({ notes: text, id }) => text.includes(note.mark) && id !== old.id);
  if (place.kind === 'file') await removeAll(tokens, leftOver, signal);
  const mark = `trueup-${means.next()}`;
  notes.write({ old: old.id, mark, hash: null });
  const made = await create(means, old, mark);
  notes.write({ old: old.id, mark, hash: createHash('sha256').update(made.value).digest('hex') });
  const fresh = await tested(means, made);
  try {
    await placed(means, made);
    means.tell(`the new token ${made.id} is in its place; the old one, ${old.id}, ends now`);
    // By the new one, so that nothing ends before it is seen to work.
    if (place.kind === 'sink') await removeAll(fresh.tokens, leftOver, signal);
    await fresh.tokens.remove(old.id, signal);
    notes.clear();
    const now = (await fresh.tokens.list(signal)).find(({ id }) => id === made.id);
    return { old: old.id, new: made.id, name: old.name, expires: now?.expiresAt ?? null, finished: false };
  } finally {
    await fresh.close();
  }
}

/** The new token is in use already: what is left is to end the old one. */
async function finish(means: TokenMeans, note: TokenNote, list: readonly ObservedToken[]): Promise<TokenRotation> {
  const { tokens, notes, signal } = means;
  await tokens.remove(note.old, signal);
  notes.clear();
  const now = list.find(({ notes: text }) => text.includes(note.mark));
  return {
    old: note.old,
    new: now?.id ?? 0,
    name: now?.name ?? '',
    expires: now?.expiresAt ?? null,
    finished: true,
  };
}

async function oldToken(
  { tokens, signal }: TokenMeans,
  { name, id }: TokenRequest,
  list: readonly ObservedToken[],
  note: TokenNote | null,
): Promise<ObservedToken> {
  const wanted = id ?? note?.old ?? null;
  const userId = await tokens.user(signal);
  const own = note === null ? list : list.filter(({ notes: text }) => !text.includes(note.mark));
  const found =
    wanted === null
      ? tokenInUse(own, userId === 0 ? null : { userId }, name)
      : (own.find((token) => token.id === wanted) ?? null);
  if (found !== null) return found;
  throw new TrueupError('TRUEUP_TANIUM_NOT_FOUND', `Tanium lists no token ${wanted ?? name ?? 'of this user'}.`, {
    cause: 'The token in use has another name, or its user may not see it in the list.',
    remedy: 'See `trueup token list`, and give --id.',
  });
}

/** Tanium's own default, where a token does not say (tanium-api.md 1). */
const defaultDays = 7;

async function create(
  { tokens, signal }: TokenMeans,
  from: ObservedToken,
  mark: string,
): Promise<{ readonly id: number; readonly value: string }> {
  const token: NewToken = {
    name: from.name,
    notes: `${from.notes.replace(/\s*\[trueup-[0-9a-f]{12}\]/g, '')} [${mark}]`.trim(),
    personaId: from.personaId,
    expireInDays: from.expireInDays > 0 ? from.expireInDays : defaultDays,
    trusted: from.trusted,
  };
  try {
    return await tokens.create(token, signal);
  } catch (error) {
    if (!(error instanceof TrueupError && error.doubtful)) throw error;
    // Nobody knows the value of one that was made all the same.
    const made = (await tokens.list(signal)).filter(({ notes }) => notes.includes(mark));
    await removeAll(tokens, made, signal);
    throw error;
  }
}

/** One that does not work is taken back, and the old one stays. */
async function tested(
  means: TokenMeans,
  made: { readonly id: number; readonly value: string },
): ReturnType<TokenMeans['connect']> {
  try {
    return await means.connect(made.value);
  } catch (error) {
    await means.tokens.remove(made.id, means.signal);
    means.notes.clear();
    throw error;
  }
}

async function placed(means: TokenMeans, made: { readonly id: number; readonly value: string }): Promise<void> {
  const { place, tokens, notes, signal } = means;
  try {
    await place.put(made.value);
  } catch (error) {
    // A sink that failed may have handed it on before: then both work, and the next run sees to it.
    if (place.kind === 'file') {
      await tokens.remove(made.id, signal);
      notes.clear();
    }
    throw error;
  }
}

async function removeAll(
  tokens: FleetTokens,
  list: readonly Pick<ObservedToken, 'id'>[],
  signal: AbortSignal,
): Promise<void> {
  for (const { id } of list) await tokens.remove(id, signal);
}
