import type { Generator } from './credential.ts';
import type { Sid } from './sid.ts';

/**
 * The order in which one device is changed (4-plan-engine.md): whatever gives access comes before whatever takes it.
 */
export const stages = ['create', 'password', 'enable', 'properties', 'add', 'remove', 'disable', 'delete'] as const;
export type Stage = (typeof stages)[number];

/** A local account as an operation addresses it: by RID where it exists, by name where it does not yet. */
export type AccountRef = { readonly rid: number } | { readonly name: string };

/** A member as an operation addresses it: a local account goes by name, since its SID differs on each device. */
export type MemberRef = { readonly sid: Sid } | { readonly localName: string };

export type PropertyKey =
  | 'FullName'
  | 'Description'
  | 'PasswordNeverExpires'
  | 'UserCannotChangePassword'
  | 'PasswordNotRequired';

/**
 * What runs as the account would not start again (windows-accounts.md C10): the device refuses. Given: somebody said, for
 * the devices of this operation, that it is to be done all the same.
 */
interface Breaking {
  readonly dependents?: 'ignore';
}

/** What a password is made of; its length is `minLength` or the sum of the minima, whichever is more. */
export interface Complexity {
  readonly minLength: number;
  readonly minDigits: number;
  readonly minUppercase: number;
  readonly minLowercase: number;
  readonly minSpecial: number;
  /** Characters that never occur, in the order of their codes. */
  readonly excludeChars: string;
  /** Number of words of a passphrase; null: single characters. */
  readonly words: number | null;
}

export interface AskedRotation {
  /** Of the rotation: the same id again never rotates twice. */
  readonly id: string;
  /** What the device seals to: modulus and exponent, see `endpoint/envelope.ts`. */
  readonly publicKey: string;
}

/** One step on a device: data only; `endpoint/encode.ts` writes it as a command of the endpoint contract. */
export type Operation =
  | {
      readonly kind: 'account.create';
      readonly name: string;
      readonly fullName?: string;
      readonly description?: string;
    }
  | { readonly kind: 'account.enable'; readonly account: AccountRef }
  | ({ readonly kind: 'account.disable'; readonly account: AccountRef } & Breaking)
  | { readonly kind: 'account.unlock'; readonly account: AccountRef }
  | ({ readonly kind: 'account.rename'; readonly account: AccountRef; readonly to: string } & Breaking)
  | {
      readonly kind: 'account.set';
      readonly account: AccountRef;
      readonly property: PropertyKey;
      readonly value: string | boolean;
    }
  | ({ readonly kind: 'account.delete'; readonly account: AccountRef } & Breaking)
  | ({
      readonly kind: 'password.rotate';
      readonly account: AccountRef;
      readonly generator: Generator;
      readonly complexity: Complexity;
      /** Null in a plan: a new one, whose id and key are made before it is sent. */
      readonly rotation: AskedRotation | null;
    } & Breaking)
  | { readonly kind: 'group.add'; readonly group: Sid; readonly members: readonly MemberRef[] }
  | { readonly kind: 'group.remove'; readonly group: Sid; readonly members: readonly MemberRef[] };

/** What a rotation takes besides, and no plan holds: apply sends it before or after. */
export type RotationStep =
  /** We have what the device sealed: its envelope may go. */
  | { readonly kind: 'password.acknowledge'; readonly rotation: string }
  /** The device makes a key pair, keeps the private key and reports the public one. */
  | { readonly kind: 'password.session' }
  /** `box` is sealed to the key of the device's session: no two devices ever get the same one (#194). */
  | { readonly kind: 'password.set'; readonly account: AccountRef; readonly box: string };

const stageOf: Record<Operation['kind'], Stage> = {
  'account.create': 'create',
  'password.rotate': 'password',
  'account.enable': 'enable',
  'account.unlock': 'enable',
  'account.rename': 'properties',
  'account.set': 'properties',
  'group.add': 'add',
  'group.remove': 'remove',
  'account.disable': 'disable',
  'account.delete': 'delete',
};

/** Whether a device is to get it from one action only; all others leave a device alone that is so already. */
const once: Record<Operation['kind'], boolean> = {
  'account.create': false,
  'password.rotate': true,
  'account.enable': false,
  'account.unlock': false,
  'account.rename': false,
  'account.set': false,
  'group.add': false,
  'group.remove': false,
  'account.disable': false,
  'account.delete': false,
};

export function runsOnce(operation: Operation): boolean {
  return once[operation.kind];
}

export function stageOfOperation(operation: Operation): Stage {
  return stageOf[operation.kind];
}
