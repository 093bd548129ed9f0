/** Turning the integration off is asked for by name, never agreed to by the way. */
import { TrueupError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { turnsOff } from '../reconcile/provider-records.ts';

/** @throws TRUEUP_TURNS_OFF for a plan that does, before anything of it is written */
export function refuseTurningOff({ changes, provider }: Pick<Plan, 'changes' | 'provider'>): void {
  if (!turnsOff(changes)) return;
  const source = changes.find(({ source: { file } }) => file !== '')?.source;
  throw new TrueupError(
    'TRUEUP_TURNS_OFF',
    `The plan turns the whole integration ${provider} off: nothing was written or sent.`,
    source === undefined ? {} : { source: `${source.file}:${source.line}` },
  );
}
