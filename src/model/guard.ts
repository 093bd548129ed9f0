/** Every reason for which a wanted change is held back (4-plan-engine.md): a closed list. */
export const guards = [
  'domain-controller',
  'excluded',
  'unobserved',
  'protect-disabled',
  'last-admin',
  'built-in',
  'laps-owned',
  'ownership',
  'orphan',
  'dependents',
  'contested',
  'active-session',
  'empty-desired',
  'identity',
  'provider-off',
  'observe',
  'freeze',
  'suspended',
  'window',
  'gate',
  'not-ready',
] as const;
export type Guard = (typeof guards)[number];

/**
 * Guards that somebody may set aside for one device and one run, with a reason. The others guard what nobody may decide
 * (4-plan-engine.md), or stand for something that cannot be done: there is no state to plan from, no script to run, or
 * no telling which of two statements is meant.
 */
export const releasableGuards: ReadonlySet<Guard> = new Set<Guard>([
  'excluded',
  'protect-disabled',
  'last-admin',
  'orphan',
  'dependents',
  'contested',
  'active-session',
  'empty-desired',
  'observe',
  'freeze',
  'suspended',
  'window',
  'gate',
]);

/** Held by one of these, a device counts as converged: what is left is not wanted, or not ours to change. */
export const quietGuards: ReadonlySet<Guard> = new Set<Guard>([
  'domain-controller',
  'excluded',
  'observe',
  'provider-off',
  'unobserved',
]);
