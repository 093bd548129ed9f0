/** What the store holds of passwords, as the planner reads it: without anything that is sealed. */
import type { CredentialStore } from '../../credential-ports.ts';
import type { AccountCredentials, RotationKey } from '../../model/credential.ts';
import type { HeldPassword, Holding, UnsettledRotation } from '../../model/recorded.ts';
import { currentOf, doubtOf } from '../../rotation/keep.ts';

/** By Computer ID; devices with equal holdings share one list. */
export async function readHoldings(store: CredentialStore): Promise<ReadonlyMap<string, readonly Holding[]>> {
  const keys = new Map<string, Promise<RotationKey | null>>();
  const keyOf = (id: string): Promise<RotationKey | null> => {
    const known = keys.get(id) ?? store.rotationKey(id);
    keys.set(id, known);
    return known;
  };
  const held = new Map<string, Holding[]>();
  for await (const record of store.credentials()) {
    const holding = await holdingOf(record, keyOf);
    if (holding === null) continue;
    const own = held.get(record.computerId);
    if (own) own.push(holding);
    else held.set(record.computerId, [holding]);
  }
  return shared(held);
}

function shared(held: ReadonlyMap<string, readonly Holding[]>): ReadonlyMap<string, readonly Holding[]> {
  const lists = new Map<string, readonly Holding[]>();
  const holdings = new Map<string, readonly Holding[]>();
  for (const [computerId, own] of held) {
    const text = JSON.stringify(own);
    const same = lists.get(text) ?? own;
    lists.set(text, same);
    holdings.set(computerId, same);
  }
  return holdings;
}

/** Null: nothing is, and nothing is unsettled. */
async function holdingOf(
  record: AccountCredentials,
  keyOf: (id: string) => Promise<RotationKey | null>,
): Promise<Holding | null> {
  const { account, rid, open } = record;
  const current = heldOf(record);
  if (current === null && open === null) return null;
  return { account, rid, current, open: open === null ? null : await unsettledOf(open, keyOf) };
}

/** Where it is in doubt which one the account has, the newer: a device that shows the other is asked for a new one. */
function heldOf(record: AccountCredentials): HeldPassword | null {
  const doubt = doubtOf(record);
  const held = doubt ?? currentOf(record);
  if (held === null) return null;
  const { rotation, attempt, session, setAt, keptAt, confirmed, revealedAt } = held;
  return {
    rotation,
    attempt,
    generator: session === null ? 'endpoint' : 'controller',
    setOn: setAt?.slice(0, 10) ?? null,
    keptOn: keptAt.slice(0, 10),
    confirmed,
    demands: doubt === null ? record.demands : null,
    revealedAt,
  };
}

async function unsettledOf(
  { id, generator, askedAt }: NonNullable<AccountCredentials['open']>,
  keyOf: (id: string) => Promise<RotationKey | null>,
): Promise<UnsettledRotation> {
  const key = generator === 'endpoint' ? await keyOf(id) : null;
  return { id, generator, publicKey: key?.publicKey ?? '', askedAt };
}
