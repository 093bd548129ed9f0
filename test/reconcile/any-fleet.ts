/** Fleets in every state that a guard looks at, and policies that want of them what it is to hold. */
import fc from 'fast-check';
import type { AccountPolicy, MemberAccess } from '../../src/model/desired.ts';
import { type Guard, releasableGuards } from '../../src/model/guard.ts';
import type { Inventory, LocalUser } from '../../src/model/inventory.ts';
import { localSid, type Sid } from '../../src/model/sid.ts';
import { contractor, domainAdmins, helpdesk, orphan } from './world.ts';

export const names: readonly string[] = ['alice', 'bob', 'carol'];
export const alice: Sid = localSid(1001);
export const builtin: Sid = localSid(500);

/** What may be the matter with a whole device; the word is a part of its name, by which policies select. */
const troubles = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'dc',
  'excluded',
  'old',
  'watched',
  'doubtful',
  'unprotected',
  'outdated',
  'constrained',
] as const;
type Trouble = (typeof troubles)[number];

export const troubleOf: Readonly<Record<Exclude<Trouble, 'none'>, Guard>> = {
  dc: 'domain-controller',
  excluded: 'excluded',
  old: 'unobserved',
  watched: 'observe',
  doubtful: 'identity',
  unprotected: 'protect-disabled',
  outdated: 'not-ready',
  constrained: 'not-ready',
};

/** What may hold the whole run. */
const pauses = [
  'none',
  'none',
  'none',
  'none',
  'none',
  'freeze',
  'suspended',
  'window',
  'gate',
  'provider-off',
] as const;
export type Paused = (typeof pauses)[number];

type AccountState = Pick<LocalUser, 'enabled' | 'locked' | 'expires'>;

/** One device. */
export interface Drawn {
  readonly trouble: Trouble;
  readonly builtin: AccountState;
  /** Alice, Bob and Carol; null: the device has no such account. */
  readonly users: readonly (AccountState | null)[];
  readonly admins: readonly Sid[];
  readonly laps: Inventory['laps'];
  readonly sessions: readonly Sid[];
  /** Somebody keeps undoing what is done to the contractor. */
  readonly contested: boolean;
  /** It refused to touch Alice, whom a service runs as. */
  readonly inUse: boolean;
  /** A policy that matches nothing now matched it. */
  readonly emptied: boolean;
  /** The orphan is one beyond doubt. */
  readonly gone: boolean;
  /** What somebody set aside for it. */
  readonly allowed: Guard | null;
  /** How those of RID 500 and Alice stand. */
  readonly passwords: readonly [PasswordState, PasswordState];
}

/** `held`: the account has the one that is held · `reset`: it has another one · `asked`: the outcome is not known. */
const passwordStates = ['none', 'held', 'held', 'reset', 'asked'] as const;
export type PasswordState = (typeof passwordStates)[number];

/** By which names policies may speak of passwords; `builtin` and `administrator` are one account. */
const rotatedNames = ['alice', 'fresh', 'builtin', 'administrator'] as const;

interface DeclaredAccount {
  readonly ensure: AccountPolicy['ensure'];
  readonly enabled: boolean | null;
  readonly renameTo: string | null;
}

/** What is declared, each null where nothing is. */
export interface Fleet {
  readonly machines: readonly Drawn[];
  readonly paused: Paused;
  readonly mode: 'exact' | 'include';
  /** By SID and by name. */
  readonly helpdesk: readonly [MemberAccess | null, MemberAccess | null];
  readonly contractor: MemberAccess | null;
  readonly domainAdmins: MemberAccess | null;
  readonly alice: MemberAccess | null;
  readonly builtin: MemberAccess | null;
  /** `builtin` and `administrator` are one account. */
  readonly accounts: Readonly<Record<'alice' | 'bob' | 'fresh' | 'builtin' | 'administrator', DeclaredAccount | null>>;
  readonly recovery: readonly ('alice' | 'builtin' | 'helpdesk')[];
  /** Whose passwords are rotated. */
  readonly rotated: readonly (typeof rotatedNames)[number][];
}

const fact = fc.integer({ min: 0, max: 5 }).map((number) => number === 0);
const state: fc.Arbitrary<AccountState> = fc.record({
  enabled: fc.boolean(),
  locked: fc.boolean(),
  expires: fc.constantFrom(null, null, '2026-03-01'),
});
const drawn: fc.Arbitrary<Drawn> = fc.record({
  trouble: fc.constantFrom(...troubles),
  builtin: state,
  users: fc.tuple(...names.map(() => fc.option(state, { freq: 4 }))),
  admins: fc.subarray([domainAdmins, helpdesk, contractor, orphan, ...names.map((_, index) => localSid(1001 + index))]),
  laps: fc.constantFrom(
    { mode: 'none' as const, rid: null },
    { mode: 'none' as const, rid: null },
    { mode: 'ad' as const, rid: 1002 },
  ),
  sessions: fc.subarray([contractor, helpdesk, alice]),
  contested: fact,
  inUse: fact,
  emptied: fact,
  gone: fact,
  allowed: fc.option(fc.constantFrom(...releasableGuards), { freq: 3 }),
  passwords: fc.tuple(fc.constantFrom(...passwordStates), fc.constantFrom(...passwordStates)),
});

const access = fc.constantFrom<MemberAccess>('persistent', 'absent', 'absent', 'jita');
/** One principal by two names, each with what is declared of it; null: nothing is. */
const twice = fc.tuple(fc.option(access), fc.option(access));
const declaredAccount: fc.Arbitrary<DeclaredAccount> = fc
  .record({
    ensure: fc.constantFrom<AccountPolicy['ensure']>('present', 'present', 'absent'),
    enabled: fc.option(fc.boolean()),
    renameTo: fc.constantFrom(null, null, null, 'renamed'),
  })
  // As the schema has it: one that is absent has nothing else.
  .map((said) => (said.ensure === 'absent' ? { ...said, enabled: null, renameTo: null } : said));

export const anyFleet: fc.Arbitrary<Fleet> = fc.record({
  machines: fc.array(drawn, { minLength: 1, maxLength: 8 }),
  paused: fc.constantFrom(...pauses),
  mode: fc.constantFrom('exact' as const, 'exact' as const, 'include' as const),
  helpdesk: twice,
  contractor: fc.option(access),
  domainAdmins: fc.option(access),
  alice: fc.option(access),
  builtin: fc.option(access),
  accounts: fc.record({
    alice: fc.option(declaredAccount),
    bob: fc.option(declaredAccount),
    fresh: fc.option(declaredAccount),
    builtin: fc.option(declaredAccount),
    administrator: fc.option(declaredAccount),
  }),
  recovery: fc.subarray(['alice', 'builtin', 'helpdesk'] as const, { minLength: 1 }),
  rotated: fc.oneof(
    { arbitrary: fc.constant([]), weight: 2 },
    { arbitrary: fc.subarray([...rotatedNames]), weight: 1 },
  ),
});
