/** What devices have sealed, opened, sealed anew and durable: from then on a password may be called changed (#192). */
import { timingSafeEqual } from 'node:crypto';
import type { DeviceFailure } from '../../model/apply.ts';
import { type AccountCredentials, credentialBinding, rotationKeyBinding } from '../../model/credential.ts';
import { currentOf } from '../../rotation/keep.ts';
import { type KeptPassword, reported } from '../../rotation/report.ts';
import type { RunContext } from '../context.ts';
import type { DeviceOutcome } from '../outcome.ts';
import type { PasswordNews } from './news.ts';
import { type Amendment, amend, nameIn } from './records.ts';

type Rotated = Extract<PasswordNews, { readonly kind: 'rotated' }>;

interface Said {
  readonly computerId: string;
  readonly label: string;
  readonly news: Rotated;
}

interface Opened {
  readonly attempt: number;
  readonly plain: Buffer;
}

type TakeContext = Pick<RunContext, 'provider' | 'store' | 'vault' | 'boxes' | 'clock' | 'tell'>;

/**
 * Answers the outcomes as they are once their passwords are kept: of a device whose password nobody can open here, a
 * failure, and its rotation stays open. Throws TRUEUP_KEY_MISSING, TRUEUP_SEAL_BROKEN where our own key is gone.
 */
export async function takeIn(
  context: TakeContext,
  outcomes: readonly DeviceOutcome[],
): Promise<readonly DeviceOutcome[]> {
  const byRotation = new Map<string, Said[]>();
  for (const { computerId, label, passwords } of outcomes) {
    for (const news of passwords) {
      if (news.kind !== 'rotated') continue;
      const same = byRotation.get(news.rotation);
      if (same) same.push({ computerId, label, news });
      else byRotation.set(news.rotation, [{ computerId, label, news }]);
    }
  }
  if (byRotation.size === 0) return outcomes;
  const failures = new Map<string, DeviceFailure>();
  for (const [rotation, said] of byRotation) {
    for (const failure of await takeOne(context, rotation, said)) failures.set(failure.computerId, failure.failure);
  }
  return outcomes.map((outcome) => {
    const failure = failures.get(outcome.computerId);
    // What is kept need not be held until the end of the run.
    const rest = { ...outcome, passwords: [] };
    return failure === undefined || outcome.status !== 'ok' ? rest : { ...rest, status: 'failed', failure };
  });
}

interface Unopened {
  readonly computerId: string;
  readonly failure: DeviceFailure;
}

async function takeOne(context: TakeContext, rotation: string, said: readonly Said[]): Promise<readonly Unopened[]> {
  const { provider, store, vault, boxes } = context;
  const key = await store.rotationKey(rotation);
  if (key === null) return said.map((one) => unopened(one, `the key of rotation ${rotation} is not kept here`));
  const privateKey = vault.open(key.sealed, rotationKeyBinding(provider.name, rotation));
  const listed = said.flatMap(({ news }) => news.boxes.map(({ box }) => box));
  const plain = await boxes.open(privateKey, listed);
  privateKey.fill(0);
  try {
    return await keep(context, said, plain);
  } finally {
    for (const one of plain) one?.fill(0);
  }
}

/** `plain`: of all boxes of all of these, one after the other. */
async function keep(
  context: TakeContext,
  said: readonly Said[],
  plain: readonly (Buffer | null)[],
): Promise<readonly Unopened[]> {
  const at = context.clock.now();
  const failed: Unopened[] = [];
  const amendments: Amendment[] = [];
  let next = 0;
  for (const one of said) {
    const { computerId, news } = one;
    const { boxes, attempt, account, rid } = news;
    const opened: Opened[] = [];
    for (const box of boxes) {
      const bytes = plain[next] ?? null;
      next += 1;
      if (bytes !== null && bytes.length > 0) opened.push({ attempt: box.attempt, plain: bytes });
    }
    const isSealed = boxes.some((box) => box.attempt === attempt);
    if (isSealed && !opened.some((each) => each.attempt === attempt)) {
      failed.push(unopened(one, 'what the device sealed does not open with the key that it was given'));
      continue;
    }
    amendments.push({
      computerId,
      account: (known) => nameIn(known, account, rid),
      change: (record) => {
        const kept = opened.map((each) => sealedAnew(context, record, news, each));
        return reported(record, { ...news, kept }, at);
      },
    });
  }
  const records = await amend(context.store, amendments);
  const lost = new Set(records.flatMap((record) => (currentOf(record) === null ? [record.computerId] : [])));
  for (const one of said) {
    if (lost.has(one.computerId)) failed.push(unopened(one, 'the password that it has set is not kept here'));
  }
  return failed;
}

/** One that we hold already keeps its seal, so that a report that comes twice changes nothing. */
function sealedAnew(
  { provider, vault }: TakeContext,
  record: AccountCredentials,
  { rotation }: Rotated,
  { attempt, plain }: Opened,
): KeptPassword {
  const binding = credentialBinding(provider.name, record, { rotation, attempt });
  for (const one of record.credentials) {
    if (one.rotation !== rotation || one.attempt !== attempt) continue;
    const held = vault.open(one.sealed, binding);
    const isSame = held.length === plain.length && timingSafeEqual(held, plain);
    held.fill(0);
    if (isSame) return { attempt, sealed: one.sealed, recovery: one.recovery };
  }
  return { attempt, sealed: vault.seal(plain, binding), recovery: [] };
}

function unopened({ computerId, label }: Said, message: string): Unopened {
  return { computerId, failure: { device: label, code: 'crypto', message: `${message}: its outcome is unknown` } };
}
