/** What a look at the fleet shows of the passwords that are kept (#193). No logon is ever tried. */

import type { AccountCredentials } from '../../model/credential.ts';
import type { Inventory } from '../../model/inventory.ts';
import { BUILTIN_ADMINISTRATOR_RID } from '../../model/sid.ts';
import { builtinAccount } from '../../rotation/account.ts';
import { givenUp, seen } from '../../rotation/sight.ts';
import { statesIn } from '../before.ts';
import type { RunContext } from '../context.ts';
import type { DeviceOutcome } from '../outcome.ts';
import type { Survey } from '../survey.ts';
import { type Amendment, amend, recordsOf } from './records.ts';

/** `among`: Computer IDs of the devices that were just looked at; null: all that answered were. */
export async function confirmSeen(
  { store, clock }: Pick<RunContext, 'store' | 'clock'>,
  { observation, recorded }: Pick<Survey, 'observation' | 'recorded'>,
  among: ReadonlySet<string> | null = null,
): Promise<void> {
  if (recorded.credentials.size === 0 && among === null) return;
  const states = statesIn(observation);
  const at = clock.now();
  const amendments: Amendment[] = [];
  for (const [computerId, inventory] of states) {
    if (among !== null && !among.has(computerId)) continue;
    for (const { account, rid, current } of recorded.credentials.get(computerId) ?? []) {
      if (current === null || saysNothingNew(inventory, rid, current)) continue;
      amendments.push({ computerId, account: () => account, change: (record) => sighted(record, inventory, at) });
    }
  }
  await amend(store, amendments);
}

/** Most devices show what they showed before: their records need not even be read. */
function saysNothingNew(
  { rotations }: Inventory,
  rid: number | null,
  {
    rotation,
    attempt,
    confirmed,
    generator,
  }: { rotation: string; attempt: number; confirmed: boolean; generator: string },
): boolean {
  if (generator === 'controller') return false;
  const mark = rotations.find((one) => one.rid === rid && one.state === 'set');
  const isShown = mark?.id === rotation && mark.attempt === attempt;
  // One that was never confirmed may have been taken back by a snapshot: then an earlier one is shown.
  return confirmed ? isShown : mark === undefined;
}

function sighted(record: AccountCredentials, { users, rotations }: Inventory, at: string): AccountCredentials {
  const rid = record.rid ?? (record.account === builtinAccount ? BUILTIN_ADMINISTRATOR_RID : null);
  const user = users.find((one) => one.rid === rid);
  if (user === undefined) return record;
  const mark = rotations.find((one) => one.rid === rid) ?? null;
  return seen(record, { mark, passwordSet: user.passwordSet }, at);
}

/** Devices that cannot go on with a rotation, by what they answered and what they show since. */
export async function giveUp(
  { store }: Pick<RunContext, 'store'>,
  { observation }: Pick<Survey, 'observation'>,
  outcomes: readonly DeviceOutcome[],
): Promise<void> {
  const stuck = outcomes.filter(({ failure }) => failure?.code === 'journal').map(({ computerId }) => computerId);
  if (stuck.length === 0) return;
  const states = statesIn(observation);
  const amendments: Amendment[] = [];
  for (const [computerId, records] of await recordsOf(store, stuck)) {
    for (const { account, rid } of records) {
      const mark = states.get(computerId)?.rotations.find((one) => one.rid === rid) ?? null;
      amendments.push({ computerId, account: () => account, change: (record) => givenUp(record, mark) });
    }
  }
  await amend(store, amendments);
}
