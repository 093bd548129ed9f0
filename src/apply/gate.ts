/**
 * Between two waves: whether those who were changed are well enough for the next ones to follow.
 *
 * A device is healthy once a fresh scan shows that what was to be done is done, and that a usable administrator is there,
 * unless there was none before. Whoever reported a failure, or shows less than it reported, is not, and will not be in
 * this run. Whoever is silent may still be: it is looked for until the time is over, and until then it is not healthy.
 */
import type { GateResult } from '../model/apply.ts';
import type { Plan, PlannedWave } from '../model/plan.ts';
import type { GatePolicy } from '../model/waves.ts';
import type { RunContext } from './context.ts';
import type { DeviceOutcome } from './outcome.ts';
import type { Look, Survey } from './survey.ts';
import { carriedBy, lookAgain, notDone } from './verify.ts';

export interface WaveInHand {
  readonly wave: Pick<PlannedWave, 'number' | 'name'>;
  /** One of each device that something was sent to. */
  readonly outcomes: readonly DeviceOutcome[];
  /** ISO time before its first action. */
  readonly began: string;
}

/** What a look at a device costs is a question to Tanium: seconds between two of them. */
const lookSeconds = 10;

/** Looks once at least, however late; for as long as the time lasts and the gate can still be passed. */
export async function measure(
  context: RunContext,
  { percent, withinSeconds, source }: GatePolicy,
  before: Survey,
  plan: Plan,
  look: Look,
  { wave, outcomes, began }: WaveInHand,
): Promise<GateResult> {
  const known = new Map<string, boolean>();
  for (const { computerId, status } of outcomes) if (status === 'failed') known.set(computerId, false);
  const devices = outcomes.length;
  const counted = (healthy: boolean): number => [...known.values()].filter((one) => one === healthy).length;
  for (let waited = 0; ; ) {
    const open = outcomes.filter(({ computerId }) => !known.has(computerId));
    for (const [computerId, healthy] of await sightOf(context, before, plan, look, open))
      known.set(computerId, healthy);
    const passed = counted(true) * 100 >= percent * devices;
    const lost = (devices - counted(false)) * 100 < percent * devices;
    // Both are counted, by the clock and by what was slept: a clock can be set back.
    const spent = Math.max(waited, (Date.parse(context.clock.now()) - Date.parse(began)) / 1000);
    if (passed || lost || spent >= withinSeconds) {
      return {
        wave: wave.number,
        name: wave.name,
        devices,
        healthy: counted(true),
        percent,
        withinSeconds,
        passed,
        source,
      };
    }
    const seconds = Math.min(lookSeconds, withinSeconds - spent);
    await context.clock.sleep(seconds * 1000, context.signal);
    waited += seconds;
  }
}

/** By Computer ID, of those of which it can be told: whether they are healthy. */
async function sightOf(
  context: RunContext,
  before: Survey,
  plan: Plan,
  look: Look,
  open: readonly DeviceOutcome[],
): Promise<ReadonlyMap<string, boolean>> {
  const sight = new Map<string, boolean>();
  if (open.length === 0) return sight;
  const ids = open.map(({ computerId }) => computerId);
  const { after, unseen } = await lookAgain(context, before, ids, look);
  const left = notDone(carriedBy(plan), after.findings);
  const administered = new Set(administeredIn(before));
  const seen = new Map(after.findings.devices.map((device) => [device.computerId, device]));
  for (const { computerId, status } of open) {
    const device = seen.get(computerId);
    if (unseen.has(computerId) || device?.observed !== true) continue;
    const isLeft = left.has(computerId);
    if (isLeft && status === 'pending') continue;
    sight.set(computerId, !isLeft && (device.administered || !administered.has(computerId)));
  }
  return sight;
}

function administeredIn({ findings }: Survey): string[] {
  return findings.devices.flatMap(({ computerId, administered }) => (administered === true ? [computerId] : []));
}
