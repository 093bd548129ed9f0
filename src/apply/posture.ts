/** The security settings of the fleet: one question to a sensor of their own, or the answer to it that is kept. */
import { parsePosture } from '../endpoint/posture.ts';
import { TrueupError } from '../errors.ts';
import type { DeviceRows } from '../fleet-ports.ts';
import type { PostureScan } from '../model/compliance.ts';
import { nothingObserved, type Observation } from '../model/observed.ts';
import type { ObservedPosture } from '../model/posture.ts';
import type { Recorded } from '../model/recorded.ts';
import { selectorsOfCompliance } from '../reconcile/compliance-devices.ts';
import { effectiveOptions } from '../reconcile/options.ts';
import { isOff } from '../reconcile/provider-records.ts';
import { ObservationBuilder } from './intern.ts';
import { ask, groupMembers, type SurveyContext, servingAge } from './survey.ts';

export interface PostureLook {
  readonly observation: PostureObservation;
  readonly scan: PostureScan;
}

export type PostureObservation = Observation<ObservedPosture>;

/** Seconds: what Tanium's clients keep does not serve. */
const collectNow = 1;

/** Nothing is known then; everything else that goes wrong is an error. */
const noAnswer: ReadonlySet<string> = new Set(['TRUEUP_SENSOR_NOT_FOUND', 'TRUEUP_SCAN_TIMEOUT']);

/**
 * A stored answer that is not older than the sensor's maximum age serves, unless `fresh`, which goes past every cache.
 * No such sensor, one of that name that answers something else, and nobody who answers in time, are no error: nothing is
 * known then, and `scan.missing` says why.
 */
export async function lookAtPosture(
  context: SurveyContext,
  recorded: Pick<Recorded, 'toggle' | 'providers'>,
  fresh: boolean,
): Promise<PostureLook> {
  const { sensor, maxAgeSeconds } = context.desired.posture;
  const none = { sensor, at: null, ageSeconds: 0, maxAgeSeconds, origin: 'none', missing: null } as const;
  const missing = (why: string): PostureLook => ({
    observation: nothingObserved,
    scan: { ...none, missing: why },
  });
  if (context.desired.baselines.length === 0) return { observation: nothingObserved, scan: none };
  if (isOff(context.provider, recorded)) return missing('the integration is off, and nothing was asked');
  if (!fresh) {
    const stored = await context.store.latestScan('posture');
    const ageSeconds = stored === null ? null : servingAge(stored.at, context.clock.now(), maxAgeSeconds);
    if (stored !== null && ageSeconds !== null) {
      const observation = await observed(
        context,
        { at: stored.at, ageSeconds, expected: stored.expected },
        stored.rows,
      );
      return { observation, scan: { ...none, at: stored.at, ageSeconds, origin: 'stored' } };
    }
  }
  try {
    const { at, expected, rows } = await ask(context, {
      sensor,
      maxAgeSeconds: fresh ? collectNow : null,
      computerIds: null,
      timeoutSeconds: effectiveOptions(context.provider, recorded).action_timeout_seconds,
    });
    const observation = await observed(context, { at, ageSeconds: 0, expected }, rows);
    if (isForeign(observation)) {
      return missing(`no device answers the sensor ${JSON.stringify(sensor)} with a posture`);
    }
    return { observation, scan: { ...none, ...(fresh && { maxAgeSeconds: collectNow }), at, origin: 'asked' } };
  } catch (error) {
    if (!(error instanceof TrueupError) || !noAnswer.has(error.code)) throw error;
    return missing(error.message.replace(/\.$/, ''));
  }
}

async function observed(
  context: SurveyContext,
  { at, ageSeconds, expected }: Pick<PostureObservation, 'at' | 'ageSeconds' | 'expected'>,
  rows: DeviceRows,
): Promise<PostureObservation> {
  const builder = new ObservationBuilder(parsePosture);
  await builder.addScanned(rows);
  const members = await groupMembers(context, selectorsOfCompliance(context.desired));
  return builder.build({ at, ageSeconds, expected, groupMembers: members });
}

/** Answers of which not one is of our script are those of another sensor. */
function isForeign({ texts }: PostureObservation): boolean {
  const answers = texts.filter(({ kind }) => kind !== 'no-answer');
  return answers.length > 0 && answers.every(({ kind }) => kind === 'malformed');
}
