/** Devices that no action is sent to, not even one that only reads: somebody wants them left alone. */
import type { Desired } from '../model/desired.ts';
import type { Observation } from '../model/observed.ts';
import { attributesOf, type Labels, type Selection } from './attributes.ts';
import { policiesOf } from './policy.ts';
import type { ScannedComputer } from './scan-due.ts';

type Declared = Pick<Desired, 'computers' | 'exclusions'>;

/** What tells whom to leave alone. */
export function selectorsOfLeftAlone({ computers, exclusions }: Declared): readonly Selection[] {
  return [...computers, ...exclusions];
}

/** Why a device is left alone; null: it is not. `now`: ISO time that ages count from. */
export function leftAlone(
  desired: Desired,
  observation: Pick<Observation, 'groupMembers'>,
  labels: Labels,
  now: string,
): (computer: ScannedComputer, computerId: string) => string | null {
  const select = policiesOf({ ...desired, memberships: [], accounts: [], rotations: [] });
  const attributes = attributesOf(observation, labels, now);
  return (record, computerId) => {
    const { exclusions, effective } = select(attributes({ computerId, name: record.name, row: null, record }));
    const [exclusion] = exclusions;
    if (exclusion !== undefined) return `left alone until ${exclusion.until.slice(0, 16)}Z: ${exclusion.reason}`;
    return effective.computer.enforcement?.value === 'ignore' ? 'its policy says to ignore it' : null;
  };
}
