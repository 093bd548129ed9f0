/** The order of several actions that reach one device: one after the other, so that a failed one holds the next. */
import { type AccountRef, type MemberRef, type Operation, type Stage, stageOfOperation } from '../model/operation.ts';
import { isLocalSid, ridOf } from '../model/sid.ts';
import { atomsOf, operationKey } from './stage.ts';

/** One action before its targets are shared out. */
export interface Step {
  readonly operations: readonly Operation[];
  /** Numbers of the classes that it is for. */
  readonly rows: readonly number[];
  /** The step whose operations come before, where both were too long for one; null: none. */
  readonly previous: number | null;
}

/**
 * Two operations of one rank, or about different accounts, may come in any order; but whatever takes comes after
 * whatever gives. What nothing can be done with before: an account that is not created, one that has no password.
 */
const rankOf: Record<Stage, number> = {
  create: 0,
  password: 1,
  enable: 2,
  properties: 2,
  add: 2,
  remove: 3,
  disable: 3,
  delete: 4,
};

const firstThatTakes = rankOf.remove;

export function rankOfOperation(operation: Operation): number {
  return rankOf[stageOfOperation(operation)];
}

export function takesAccess(operation: Operation): boolean {
  return rankOfOperation(operation) >= firstThatTakes;
}

/**
 * Of each step its level: no two steps of one level reach the same device, and on each device the levels follow the
 * order of its operations. Null: no order does.
 */
export function levelsOf(steps: readonly Step[], rows: number): readonly number[] | null {
  const order = orderOf(steps, rows);
  if (order === null) return null;
  const free = Array.from({ length: rows }, () => 0);
  const levels = steps.map(() => 0);
  for (const at of order) {
    const mine = steps[at]?.rows ?? [];
    const level = mine.reduce((highest, row) => Math.max(highest, free[row] ?? 0), 0);
    levels[at] = level;
    for (const row of mine) free[row] = level + 1;
  }
  return levels;
}

/** Every step after those that have to come before it; what gives first, then what gives and takes, wherever it can be. */
function orderOf(steps: readonly Step[], rows: number): readonly number[] | null {
  const before = predecessors(steps, rows);
  if (before === null) return null;
  const order: number[] = [];
  const state = steps.map((): 'new' | 'open' | 'done' => 'new');
  const visit = (at: number): boolean => {
    if (state[at] !== 'new') return state[at] === 'done';
    state[at] = 'open';
    for (const other of before[at] ?? []) if (!visit(other)) return false;
    state[at] = 'done';
    order.push(at);
    return true;
  };
  const kinds = steps.map(({ operations }) => {
    if (!operations.some(takesAccess)) return 0;
    return operations.every(takesAccess) ? 2 : 1;
  });
  const eager = [...steps.keys()].toSorted((a, b) => (kinds[a] ?? 0) - (kinds[b] ?? 0) || a - b);
  return eager.every(visit) ? order : null;
}

/** Of each step those that come before it on some device; null: two would have to come before each other. */
function predecessors(steps: readonly Step[], rows: number): readonly ReadonlySet<number>[] | null {
  const facts = new Map<number, Facts>();
  const factsAt = (at: number): Facts => {
    const found = facts.get(at) ?? factsOf(steps[at]?.operations ?? []);
    facts.set(at, found);
    return found;
  };
  const before = steps.map(({ previous }) => new Set<number>(previous === null ? [] : [previous]));
  const onRow: number[][] = Array.from({ length: rows }, () => []);
  for (const [at, step] of steps.entries()) for (const row of step.rows) onRow[row]?.push(at);
  const seen = new Set<number>();
  for (const mine of onRow) {
    for (const [index, b] of mine.entries()) {
      for (const a of mine.slice(0, index)) {
        const pair = a * steps.length + b;
        if (seen.has(pair)) continue;
        seen.add(pair);
        const forth = isBefore(factsAt(a), factsAt(b)) || steps[b]?.previous === a;
        const back = isBefore(factsAt(b), factsAt(a));
        if (forth && back) return null;
        if (forth) before[b]?.add(a);
        if (back) before[a]?.add(b);
      }
    }
  }
  return before;
}

interface Facts {
  readonly gives: boolean;
  readonly takes: boolean;
  readonly keys: ReadonlySet<string>;
  readonly deeds: readonly Deed[];
}

/** What an operation does with an account of the device. */
interface Deed {
  readonly key: string;
  readonly account: string;
  readonly rank: number;
}

function factsOf(operations: readonly Operation[]): Facts {
  const deeds = atomsOf(operations).flatMap((atom) => {
    const key = operationKey(atom);
    return accountsOf(atom).map((account): Deed => ({ key, account, rank: rankOfOperation(atom) }));
  });
  return {
    gives: !operations.every(takesAccess),
    takes: operations.some(takesAccess),
    keys: new Set(deeds.map(({ key }) => key)),
    deeds,
  };
}

/** A step that has with it what it would wait for need not wait: the other one finds it done. */
function isBefore(a: Facts, b: Facts): boolean {
  if (a.gives && b.takes) return true;
  return a.deeds.some((one) => !b.keys.has(one.key) && b.deeds.some((two) => one.rank < two.rank && maySame(one, two)));
}

/** One that goes by name here and by RID there may be the same, unless it is only being made. */
function maySame(a: Deed, b: Deed): boolean {
  if (a.account === b.account) return true;
  return a.rank > rankOf.create && a.account.startsWith('rid') !== b.account.startsWith('rid');
}

function accountsOf(operation: Operation): string[] {
  switch (operation.kind) {
    case 'account.create':
      return [`name ${operation.name.toLowerCase()}`];
    case 'account.rename':
      return [accountOf(operation.account), `name ${operation.to.toLowerCase()}`];
    case 'group.add':
    case 'group.remove':
      return operation.members.flatMap((member) => memberOf(member) ?? []);
    default:
      return [accountOf(operation.account)];
  }
}

function accountOf(ref: AccountRef): string {
  return 'rid' in ref ? `rid ${ref.rid}` : `name ${ref.name.toLowerCase()}`;
}

function memberOf(member: MemberRef): string | null {
  if ('localName' in member) return `name ${member.localName.toLowerCase()}`;
  return isLocalSid(member.sid) ? `rid ${ridOf(member.sid)}` : null;
}
