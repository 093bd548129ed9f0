/**
 * Tanium's content against what is declared of it: one verdict an object, each with what is wrong, property by property,
 * and what a plan would make of it. Pure; `apply/content.ts` looks and writes.
 */
import { maxByNumber } from '../model/aim.ts';
import type {
  ContentVerdict,
  DesiredContent,
  DesiredSensor,
  ObservedContent,
  ObservedSensor,
} from '../model/content.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { type ContentChange, changesOf, type Managed } from './content-changes.ts';
import type { Judged } from './content-comparison.ts';
import type { ExpectedFile } from './content-files.ts';
import { judgeActionGroup, judgeComputerGroups, judgeContentSets } from './content-groups.ts';
import { judgePackage } from './content-package.ts';
import { versionOf } from './content-script.ts';
import { judgeSensor, windowsQuery } from './content-sensor.ts';
import { judgeToken, rightsNeeded } from './content-token.ts';

/** The texts that sensor and package should have. */
export interface ContentTexts {
  readonly sensor: string;
  readonly postureSensor: string;
  readonly files: readonly ExpectedFile[];
}

export interface ContentInput {
  readonly desired: DesiredContent;
  /** Those that are in force. */
  readonly options: IntegrationOptions;
  readonly texts: ContentTexts;
  readonly observed: ObservedContent;
  /** Whether a selector asks for a computer group of Tanium's. */
  readonly selectsGroups: boolean;
  /** Computers that are recorded. */
  readonly computers: number;
  /** Until when `apiKey` holds, as the provider declares; null: it does not. */
  readonly apiKeyExpires: string | null;
  /** ISO time in UTC. */
  readonly now: string;
}

export interface ContentJudgement {
  readonly verdicts: readonly ContentVerdict[];
  /** None under `manage: report`. */
  readonly changes: readonly ContentChange[];
  /** The sensor does not answer before these are made: there is nothing to scan yet. */
  readonly restsScan: boolean;
}

export function judgeContent(input: ContentInput): ContentJudgement {
  const { desired, options, texts, observed } = input;
  const sensor = judgeSensor(
    {
      kind: 'sensor',
      desired: desired.sensor,
      maxAgeSeconds: desired.sensor.maxAgeSeconds ?? options.sensor_max_age_seconds,
      script: texts.sensor,
      needed: true,
      namedBy: 'options.sensor_name',
    },
    observed.sensor,
  );
  const posture = observed.postureSensor && judgePosture(input, observed.postureSensor);
  const needsPackage = desired.needsPackage || desired.package.source !== null;
  const found = observed.sensor.found;
  const tanium = judgePackage(
    {
      desired: desired.package,
      options,
      files: texts.files,
      needed: desired.needsPackage,
      sensorSet: found?.contentSet ?? null,
      sensorVersion: versionIn(found),
    },
    observed.package,
  );
  const managed: Managed[] = [
    { object: 'sensor', wanted: true, judged: sensor, name: observed.sensor.name, source: desired.sensor.source },
    ...(posture === null || observed.postureSensor === null
      ? []
      : [
          {
            object: 'posture-sensor' as const,
            wanted: true,
            judged: posture,
            name: observed.postureSensor.name,
            source: desired.postureSensor.source,
          },
        ]),
    {
      object: 'package',
      wanted: needsPackage,
      judged: tanium,
      name: observed.package.name,
      source: desired.package.source,
    },
  ];
  const changes = changesOf(input, managed);
  const judged: Judged[] = [
    ...managed.map((one) => one.judged),
    ...judgeContentSets(setsToBe(desired, managed), observed),
    ...judgeComputerGroups(desired, options, observed),
    judgeActionGroup(options, observed, desired.needsPackage),
    judgeToken(
      {
        desired: desired.apiToken,
        declaredEnd: desired.apiToken.expires ?? input.apiKeyExpires,
        needed: rightsNeeded(desired, {
          computerGroups: input.selectsGroups || options.bulk_scan_enabled,
          targetGroups: input.computers > maxByNumber,
        }),
        now: input.now,
      },
      observed,
    ),
  ];
  return { verdicts: judged.map(({ verdict }) => verdict), changes, restsScan: restsScan(changes) };
}

function judgePosture({ desired, texts }: ContentInput, seen: NonNullable<ObservedContent['postureSensor']>): Judged {
  return judgeSensor(
    {
      kind: 'posture-sensor',
      desired: desired.postureSensor,
      maxAgeSeconds: desired.postureSensor.maxAgeSeconds ?? 0,
      script: texts.postureSensor,
      needed: desired.wantsPosture,
      namedBy: 'TaniumContent.spec.postureSensor.name',
    },
    seen,
  );
}

function versionIn(sensor: ObservedSensor | null): string | null {
  const query = sensor === null ? null : windowsQuery(sensor.queries);
  return query === null ? null : versionOf(query.script);
}

/** Content sets of what is still to be made, or to be moved there. */
function setsToBe(desired: DesiredContent, managed: readonly Managed[]): readonly string[] {
  const sets: Readonly<Record<Managed['object'], Pick<DesiredSensor, 'contentSet' | 'declared'>>> = {
    sensor: desired.sensor,
    'posture-sensor': desired.postureSensor,
    package: desired.package,
  };
  return managed
    .filter(({ wanted, judged }) => wanted && judged.verdict.state === 'missing')
    .map(({ object }) => sets[object].contentSet);
}

/** What an answer of the sensor depends on, if it is to be one of ours at all. */
const answering = new Set(['script', 'resultType', 'splitColumns']);

function restsScan(changes: readonly ContentChange[]): boolean {
  return changes.some(
    ({ kind, subject }) =>
      subject['object'] === 'sensor' && (kind === 'content.create' || answering.has(subject['property'] ?? '')),
  );
}

/** What a plan says of content that it does not make right: nothing of what is fine, recommended or not to be told. */
export function contentWarnings({ verdicts, changes }: ContentJudgement): readonly string[] {
  const ended = new Set(changes.flatMap(({ ends }) => ends));
  return verdicts.flatMap(({ findings }) =>
    findings
      .filter(({ id, severity }) => (severity === 'error' || severity === 'warning') && !ended.has(id))
      .map(({ message }) => message),
  );
}

/** What is asked of Tanium for a judgement: names as they are in force. */
export function namesOf(
  { sensor, postureSensor, wantsPosture, package: declared }: DesiredContent,
  options: Pick<IntegrationOptions, 'sensor_name' | 'package_name'>,
): { readonly sensor: string; readonly postureSensor: string | null; readonly packageName: string } {
  return {
    sensor: sensor.name ?? options.sensor_name,
    postureSensor: wantsPosture ? postureSensor.name : null,
    packageName: declared.name ?? options.package_name,
  };
}
