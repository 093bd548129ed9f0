/** Which passwords a look concerns, and whom it may reach about them. */
import type { ResolvedRoute } from '../../fleet-ports.ts';
import type { IntegrationOptions } from '../../model/options.ts';
import type { Target } from '../collect.ts';
import type { RunContext } from '../context.ts';
import { routeOf } from '../execute.ts';
import { recordsOf } from '../notes.ts';
import type { Survey } from '../survey.ts';
import { type RotationsFound, rotationsFound } from './begin.ts';

export interface Tended {
  readonly found: RotationsFound;
  readonly targetOf: (computerId: string) => Target;
  readonly options: IntegrationOptions;
  /** Where actions go; Tanium is asked for it only where something is to be sent. */
  readonly route: () => Promise<ResolvedRoute>;
  /** Computer IDs of those that may be sent something now. */
  readonly reachable: readonly string[];
}

/** The passwords in reach of this look, and whom they are of. */
export function tendedIn(
  context: RunContext,
  { findings, recorded, options }: Survey,
  route: ResolvedRoute | null,
): Tended {
  const found = rotationsFound(findings.rotations);
  const records = recordsOf(findings, recorded.computers);
  const labels = new Map(findings.devices.map(({ computerId, label }) => [computerId, label]));
  return {
    found,
    options,
    reachable: findings.devices
      .filter(({ computerId, observed }) => observed && found.has(computerId) && !findings.excluded.has(computerId))
      .map(({ computerId }) => computerId),
    route: async () => route ?? (await context.actions.route(routeOf(options), context.signal)),
    targetOf: (computerId) => {
      const label = labels.get(computerId) ?? computerId;
      // One that this run has enrolled has no record in this look; its label has the number where the name is not unique.
      const { name = label.replace(/#\d+$/, ''), machineSid = null } = records.get(computerId) ?? {};
      return { computerId, label, known: { name, machineSid } };
    },
  };
}
