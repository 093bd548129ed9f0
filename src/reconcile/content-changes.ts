/** What a plan makes of content: missing objects under `create`, and what differs under `update`; foreign ones never. */
import type { DesiredPackage, DesiredSensor } from '../model/content.ts';
import type { PolicyRef, Source } from '../model/desired.ts';
import type { ChangeKind, PlanValue, Reason, Subject } from '../model/plan.ts';
import type { ContentInput } from './content.ts';
import type { Judged } from './content-comparison.ts';
import { commandOf } from './content-package.ts';
import { scriptName } from './content-sensor.ts';

export interface ContentChange {
  readonly policy: PolicyRef;
  readonly kind: Extract<ChangeKind, 'content.create' | 'content.update'>;
  /** `{object: sensor | posture-sensor | package, content: NAME}`, of an update also `property`. */
  readonly subject: Subject;
  readonly from: PlanValue;
  readonly to: PlanValue;
  readonly reason: Reason;
  readonly consequence: string | null;
  /** Ids of the findings that it ends. */
  readonly ends: readonly string[];
}

export interface Managed {
  readonly object: 'sensor' | 'posture-sensor' | 'package';
  /** Whether it is to be made where it is missing. */
  readonly wanted: boolean;
  readonly judged: Judged;
  readonly name: string;
  readonly source: Source | null;
}

export function changesOf(input: ContentInput, managed: readonly Managed[]): readonly ContentChange[] {
  const { ref, manage } = input.desired;
  if (ref === null || manage === 'report') return [];
  return managed.flatMap((one): ContentChange[] => {
    const { object, wanted, judged, name, source } = one;
    const policy = source === null ? ref : { ...ref, source };
    const { state } = judged.verdict;
    if (state === 'missing') {
      if (!wanted || !judged.creatable) return [];
      const to = created(input, object);
      const ends = judged.verdict.findings.map(({ id }) => id);
      return [
        {
          policy,
          kind: 'content.create',
          subject: { object, content: name },
          from: null,
          to,
          reason: 'never-applied',
          consequence: null,
          ends,
        },
      ];
    }
    if (manage !== 'update') return [];
    return judged.fixes.map(({ property, from, to, ends, consequence }) => ({
      policy,
      kind: 'content.update',
      subject: { object, content: name, property },
      from,
      to,
      reason: 'unknown',
      consequence,
      ends,
    }));
  });
}

/** As a person reads it before saying yes. */
function created({ desired, options, texts }: ContentInput, object: Managed['object']): PlanValue {
  if (object === 'package') {
    const { contentSet, commandTimeoutSeconds, downloadTimeoutSeconds }: DesiredPackage = desired.package;
    return {
      contentSet,
      command: commandOf(desired.package, options.package_param_offset),
      commandTimeoutSeconds,
      downloadTimeoutSeconds,
      files: texts.files.map(({ name, text }) => `${name} ${scriptName(text)}`),
    };
  }
  const isPosture = object === 'posture-sensor';
  const { contentSet, category, maxAgeSeconds }: DesiredSensor = isPosture ? desired.postureSensor : desired.sensor;
  return {
    contentSet,
    category,
    maxAgeSeconds: maxAgeSeconds ?? options.sensor_max_age_seconds,
    script: scriptName(isPosture ? texts.postureSensor : texts.sensor),
  };
}
