/** The order in which one device is changed: whatever gives access comes before whatever takes it (#188). */
import { type MemberRef, type Operation, stageOfOperation, stages } from '../model/operation.ts';
import { compareText } from '../model/sid.ts';

type GroupOperation = Extract<Operation, { readonly kind: 'group.add' | 'group.remove' }>;

/**
 * One sequence for one set of operations, in whatever order they come; what is to be added to a group goes into one
 * operation, and what is to be removed into another (#186).
 */
export function sequenceOf(operations: readonly Operation[]): readonly Operation[] {
  const sorted = operations
    .map((operation) => ({
      operation,
      stage: stages.indexOf(stageOfOperation(operation)),
      text: operationKey(operation),
    }))
    .toSorted((a, b) => a.stage - b.stage || compareText(a.text, b.text));
  const sequence: Operation[] = [];
  let previous = '';
  for (const { operation, text } of sorted) {
    if (text === previous) continue;
    previous = text;
    const last = sequence.at(-1);
    if (isGroup(operation) && last !== undefined && isGroup(last) && isSameGroup(operation, last)) {
      sequence[sequence.length - 1] = { ...last, members: [...last.members, ...operation.members] };
    } else sequence.push(operation);
  }
  return sequence;
}

/** The operations that a sequence was made of: one member each. */
export function atomsOf(sequence: readonly Operation[]): Operation[] {
  return sequence.flatMap((operation): Operation[] =>
    isGroup(operation) ? operation.members.map((member) => ({ ...operation, members: [member] })) : [operation],
  );
}

/** Equal for equal operations; sorts the members of a group by SID, then those by name. */
export function operationKey(operation: Operation): string {
  if (!isGroup(operation)) return JSON.stringify(operation);
  return JSON.stringify([operation.kind, operation.group, ...operation.members.map(memberKey)]);
}

function memberKey(member: MemberRef): string {
  return 'sid' in member ? `1 ${member.sid}` : `2 ${member.localName}`;
}

function isGroup(operation: Operation): operation is GroupOperation {
  return operation.kind === 'group.add' || operation.kind === 'group.remove';
}

function isSameGroup(a: GroupOperation, b: GroupOperation): boolean {
  return a.kind === b.kind && a.group === b.group;
}
