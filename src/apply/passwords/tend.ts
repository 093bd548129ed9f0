/** What is owed to passwords that are kept: recovery keys that open them too, sinks that get them, an end for old ones. */
import type { Recipient } from '../../credential-ports.ts';
import { messageOf } from '../../errors.ts';
import { type AccountCredentials, type Credential, credentialBinding } from '../../model/credential.ts';
import type { RotationSettings } from '../../model/rotation.ts';
import { currentOf, handedOut, keysToForget, recoverable, retained, rotationsInUse } from '../../rotation/keep.ts';
import type { RunContext } from '../context.ts';
import { acknowledge } from './acknowledge.ts';
import type { RotationsFound } from './begin.ts';
import { type Amendment, amend, recordsOf } from './records.ts';
import type { Tended } from './tended.ts';

/** In this order: what a device still seals for us goes only once all that may have to open it can. */
export async function tend(context: RunContext, run: string, tended: Tended): Promise<void> {
  if (tended.found.size === 0) return;
  await sealForRecovery(context, tended);
  await acknowledge(context, run, tended);
  await handOut(context, tended);
  await letGo(context, tended);
}

interface Kept {
  readonly record: AccountCredentials;
  readonly settings: RotationSettings;
}

/** Seals what is current, or may be, to the recovery keys of its policy. Throws TRUEUP_RECIPIENT_INVALID. */
export async function sealForRecovery(context: RunContext, { found }: Pick<Tended, 'found'>): Promise<void> {
  const { store, provider, vault } = context;
  const recipients = await recipientsOf(context, found);
  const amendments: Amendment[] = [];
  for (const { record, settings } of await keptIn(context, found, ({ recoveryKeys }) => recoveryKeys.length > 0)) {
    const { computerId, account } = record;
    for (const one of record.credentials) {
      if (one.state === 'previous') continue;
      const wanted = settings.recoveryKeys.flatMap((key) => recipients.get(JSON.stringify(key)) ?? []);
      const missing = wanted.filter(({ fingerprint }) => !one.recovery.some(({ key }) => key === fingerprint));
      if (missing.length === 0) continue;
      const binding = credentialBinding(provider.name, record, one);
      const plain = vault.open(one.sealed, binding);
      const added = missing.map((to) => ({ key: to.fingerprint, box: to.seal(plain, binding) }));
      plain.fill(0);
      const left = one.recovery.filter(({ key }) => wanted.some(({ fingerprint }) => fingerprint === key));
      const recovery = [...left, ...added];
      amendments.push({
        computerId,
        account: () => account,
        change: (now) => recoverable(now, one.sealed, recovery),
      });
    }
  }
  await amend(store, amendments);
}

/** All that any policy names, so that one that is none is known before a password is sealed to the others. */
async function recipientsOf({ recipient }: RunContext, found: RotationsFound): Promise<ReadonlyMap<string, Recipient>> {
  const recipients = new Map<string, Recipient>();
  const all = new Set([...found.values()].flat().map(({ settings }) => settings.recoveryKeys));
  for (const key of [...all].flat()) {
    const text = JSON.stringify(key);
    if (!recipients.has(text)) recipients.set(text, await recipient(key));
  }
  return recipients;
}

/** A sink is slow, and does its work by itself. */
const sinksAtOnce = 4;

/** Hands each new password to its policy's sink. What a sink does not take a later run hands it again. */
async function handOut(context: RunContext, { found, targetOf }: Tended): Promise<void> {
  const owed = (await keptIn(context, found, ({ sink }) => sink !== null)).flatMap(({ record, settings: { sink } }) => {
    const current = currentOf(record);
    return sink === null || current === null || current.handedOutAt !== null ? [] : [{ record, current, sink }];
  });
  const waiting = owed.values();
  const failures: string[] = [];
  const work = async (): Promise<void> => {
    for (const { record, current, sink } of waiting) {
      try {
        await give(context, sink.command, record, current, targetOf(record.computerId).label);
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(messageOf(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(sinksAtOnce, owed.length) }, work));
  const [first] = failures;
  if (first === undefined) return;
  const count = failures.length === 1 ? '1 password was' : `${failures.length} passwords were`;
  context.tell({ kind: 'note', text: `${count} not taken by a sink, and will be handed out again: ${first}` });
}

async function give(
  { store, provider, vault, passwordCommands, clock }: RunContext,
  command: readonly string[],
  record: AccountCredentials,
  current: Credential,
  device: string,
): Promise<void> {
  const { computerId, account } = record;
  const plain = vault.open(current.sealed, credentialBinding(provider.name, record, current));
  try {
    const owner = { provider: provider.name, computerId, device, account, rotation: current.rotation };
    await passwordCommands.deliver(command, owner, plain);
  } finally {
    plain.fill(0);
  }
  const change = (now: AccountCredentials): AccountCredentials => handedOut(now, current.sealed, clock.now());
  await amend(store, [{ computerId, account: () => account, change }]);
}

/** Lets go of passwords and keys that nobody needs any more. */
async function letGo({ store, clock }: RunContext, { found }: Pick<Tended, 'found'>): Promise<void> {
  const now = clock.now();
  const amendments = (await keptIn({ store }, found, () => true)).flatMap(({ record, settings }): Amendment[] => {
    const { computerId, account } = record;
    if (retained(record, settings.retentionDays, now) === record) return [];
    const change = (one: AccountCredentials): AccountCredentials => retained(one, settings.retentionDays, now);
    return [{ computerId, account: () => account, change }];
  });
  await amend(store, amendments);
  const keys: { readonly id: string; readonly createdAt: string }[] = [];
  for await (const { id, createdAt } of store.rotationKeys()) keys.push({ id, createdAt });
  if (keysToForget(keys, new Set(), now).length === 0) return;
  const inUse = new Set<string>();
  for await (const record of store.credentials()) for (const id of rotationsInUse(record)) inUse.add(id);
  await store.removeRotationKeys(keysToForget(keys, inUse, now));
}

/** The records of accounts whose policy is of this kind. */
async function keptIn(
  { store }: Pick<RunContext, 'store'>,
  found: RotationsFound,
  isMeant: (settings: RotationSettings) => boolean,
): Promise<readonly Kept[]> {
  const meant = [...found].filter(([, rotations]) => rotations.some(({ settings }) => isMeant(settings)));
  if (meant.length === 0) return [];
  const kept: Kept[] = [];
  const records = await recordsOf(
    store,
    meant.map(([computerId]) => computerId),
  );
  for (const [computerId, rotations] of meant) {
    for (const record of records.get(computerId) ?? []) {
      const rotation = rotations.find(({ account }) => account === record.account);
      if (rotation !== undefined && isMeant(rotation.settings)) kept.push({ record, settings: rotation.settings });
    }
  }
  return kept;
}
