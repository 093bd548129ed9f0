/**
 * Before an action goes out that rotates passwords: the key that opens them, and what each device is about to be asked,
 * are durable. So whatever dies from here on, the next run asks for the same by the same id, and can open what it gets.
 */
import { TrueupError } from '../../errors.ts';
import { type AccountCredentials, type OpenRotation, rotationKeyBinding } from '../../model/credential.ts';
import type { AskedRotation, Operation } from '../../model/operation.ts';
import { wasCountedAt } from '../../reconcile/budget.ts';
import { demandsDigest } from '../../reconcile/demands.ts';
import type { RotationFinding } from '../../reconcile/findings.ts';
import { operationKey } from '../../reconcile/stage.ts';
import { asked, ofAccount } from '../../rotation/ask.ts';
import type { Target } from '../collect.ts';
import type { RunContext } from '../context.ts';
import { type Amendment, amend, nameIn, recordsOf } from './records.ts';

export type RotateOperation = Extract<Operation, { readonly kind: 'password.rotate' }>;

/** What was found of each account that is rotated, by Computer ID. */
export type RotationsFound = ReadonlyMap<string, readonly RotationFinding[]>;

export function rotationsFound(rotations: readonly RotationFinding[]): RotationsFound {
  const found = new Map<string, RotationFinding[]>();
  for (const one of rotations) {
    for (const computerId of one.computerIds) {
      const own = found.get(computerId);
      if (own) own.push(one);
      else found.set(computerId, [one]);
    }
  }
  return found;
}

export interface Begun {
  /** Each rotation with its id and its key. */
  readonly operations: readonly Operation[];
  /** Those that may be asked: the others have another rotation that is not settled, of which the plan did not know. */
  readonly targets: readonly Target[];
  /** Computer ID and account of those for which it is not the first time. */
  readonly again: ReadonlySet<string>;
  /** Computer ID and {@link operationKey} of what was asked for within the day before, and counted then. */
  readonly counted: ReadonlySet<string>;
}

type BeginContext = Pick<RunContext, 'provider' | 'store' | 'vault' | 'boxes' | 'clock' | 'ids'>;

/** An action that rotates nothing is as it is. */
export async function begin(
  context: BeginContext,
  operations: readonly Operation[],
  targets: readonly Target[],
  found: RotationsFound,
): Promise<Begun> {
  const rotating = operations.filter(isRotation);
  if (rotating.length === 0) return { operations, targets, again: new Set(), counted: new Set() };
  const made = rotating.some(({ rotation }) => rotation === null) ? await makeRotation(context, rotating) : null;
  const known = operations.map((one) => (isRotation(one) ? { ...one, rotation: one.rotation ?? made } : one));
  const { refused, ...before } = await openRecords(context, known.filter(isRotation), targets, found);
  return { operations: known, targets: targets.filter(({ computerId }) => !refused.has(computerId)), ...before };
}

export function isRotation(operation: Operation): operation is RotateOperation {
  return operation.kind === 'password.rotate';
}

/** One for all devices and accounts of an action; what a device seals, and we send, is sealed to keys of its own. */
async function makeRotation(context: BeginContext, rotating: readonly RotateOperation[]): Promise<AskedRotation> {
  const { provider, store, vault, boxes, clock, ids } = context;
  const id = `${ids.next()}${ids.next()}`;
  if (rotating.every(({ generator }) => generator === 'controller')) return { id, publicKey: '' };
  const { publicKey, privateKey } = await boxes.makePair();
  const sealed = vault.seal(privateKey, rotationKeyBinding(provider.name, id));
  privateKey.fill(0);
  await store.putRotationKey({ id, createdAt: clock.now(), publicKey, sealed });
  return { id, publicKey };
}

/** `refused`: Computer IDs of those that may not be asked. */
async function openRecords(
  { store, clock }: BeginContext,
  rotating: readonly RotateOperation[],
  targets: readonly Target[],
  found: RotationsFound,
): Promise<{ readonly refused: ReadonlySet<string> } & Pick<Begun, 'again' | 'counted'>> {
  const refused = new Set<string>();
  const again = new Set<string>();
  const counted = new Set<string>();
  const begun = new Set<string>();
  const askedAt = clock.now();
  const amendments = targets.flatMap(({ computerId }) =>
    rotating.map((operation): Amendment => {
      const finding = findingOf(found, computerId, operation.account);
      const rid = finding?.rid ?? null;
      const rotation = openRotation(operation, askedAt);
      return {
        computerId,
        account: (known) => finding?.account ?? nameIn(known, operation.account, rid),
        change: (record) => {
          const own = finding === null ? record : ofAccount(record, rid, askedAt);
          const mark = `${computerId} ${record.account}`;
          // Tried once more where another record of the device was written meanwhile: then this one is what we began.
          if (own.open?.id === rotation.id && !begun.has(mark)) {
            again.add(mark);
            if (wasCountedAt(own.open.askedAt, askedAt)) counted.add(`${computerId} ${operationKey(operation)}`);
          }
          const open = asked(own, rotation);
          if (open === null) refused.add(computerId);
          else if (own.open === null) begun.add(mark);
          return open ?? record;
        },
      };
    }),
  );
  await amend(store, amendments);
  return { refused, again, counted };
}

function openRotation({ rotation, generator, complexity }: RotateOperation, askedAt: string): OpenRotation {
  if (rotation === null) throw new TrueupError('TRUEUP_INTERNAL', 'A rotation without an id is never asked for.');
  return { id: rotation.id, generator, askedAt, demands: demandsDigest({ complexity, generator }) };
}

/** What was found of the account that an operation addresses like this, whatever it is kept under; null: nothing. */
export function findingOf(
  found: RotationsFound,
  computerId: string,
  account: RotateOperation['account'],
): RotationFinding | null {
  return found.get(computerId)?.find(({ ref }) => isSame(ref, account)) ?? null;
}

function isSame(one: RotateOperation['account'], other: RotateOperation['account']): boolean {
  if ('rid' in one) return 'rid' in other && one.rid === other.rid;
  return 'name' in other && one.name.toLowerCase() === other.name.toLowerCase();
}

/** Nothing was sent, and nothing will be under this intention: what was not open before is not asked for any more. */
export async function withdraw(
  { store }: Pick<RunContext, 'store'>,
  { operations, targets, again }: Begun,
): Promise<void> {
  const ids = new Set(operations.filter(isRotation).map(({ rotation }) => rotation?.id));
  if (ids.size === 0) return;
  const devices = targets.map(({ computerId }) => computerId);
  const amendments: Amendment[] = [];
  for (const [computerId, records] of await recordsOf(store, devices)) {
    for (const { account, open } of records) {
      if (!ids.has(open?.id) || again.has(`${computerId} ${account}`)) continue;
      const change = (record: AccountCredentials): AccountCredentials =>
        ids.has(record.open?.id) ? { ...record, open: null } : record;
      amendments.push({ computerId, account: () => account, change });
    }
  }
  await amend(store, amendments);
}
