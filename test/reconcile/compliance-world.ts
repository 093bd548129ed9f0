/** Baselines and postures to hold against each other; builders that say only what a test is about. */
import { parsePosture, postureText } from '../../src/endpoint/posture.ts';
import type {
  BaselinePolicy,
  Compliance,
  ComplianceCheck,
  Demand,
  PostureScan,
  Severity,
} from '../../src/model/compliance.ts';
import type { Desired } from '../../src/model/desired.ts';
import { listed, type ObservedDevice } from '../../src/model/observed.ts';
import type { ObservedPosture, PostureValue } from '../../src/model/posture.ts';
import type { Recorded } from '../../src/model/recorded.ts';
import type { Selector } from '../../src/model/selector.ts';
import { type Complied, comply } from '../../src/reconcile/compliance.ts';
import type { ComplianceInput } from '../../src/reconcile/compliance-devices.ts';
import { desired, now, provider, ref } from './world.ts';

export type Values = Readonly<Record<string, PostureValue>>;

export function check(path: string, demand: Demand, severity: Severity = 'medium', id: string = path): ComplianceCheck {
  return { id, path, demand, severity, source: { file: 'baseline.yaml', line: 9 } };
}

export function baseline(
  checks: readonly ComplianceCheck[],
  selector: Selector = {},
  name = 'workstations',
): BaselinePolicy {
  return { ref: ref('ComplianceBaseline', name), selector, checks };
}

/** A device and its answer: values, or a text as it came; null: it did not answer. */
export interface Seen {
  readonly id: string;
  readonly name?: string;
  readonly os?: string;
  readonly state: Values | string | null;
}

export const scan: PostureScan = {
  sensor: 'NPS Posture',
  at: '2026-03-02T09:14:00Z',
  ageSeconds: 360,
  maxAgeSeconds: 86_400,
  origin: 'asked',
  missing: null,
};

export interface World {
  readonly baselines: readonly BaselinePolicy[];
  readonly seen: readonly Seen[];
  readonly desired?: Partial<Desired>;
  readonly recorded?: Partial<Pick<Recorded, 'owner' | 'computers'>>;
  readonly only?: Partial<ComplianceInput['only']>;
  readonly labels?: ComplianceInput['labels'];
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly scan?: Partial<PostureScan>;
}

export function complied(world: World): Complied {
  const { observation, texts } = observed(world.seen);
  const groups = Object.entries(world.groups ?? {}).map(([group, ids]) => [group, new Set(ids)] as const);
  return comply(
    {
      desired: desired({ baselines: world.baselines, ...world.desired }),
      provider: provider({ deviceLabels: 'labels.csv' }),
      recorded: { owner: 'embedded', computers: [], ...world.recorded },
      observation: { devices: listed(observation), texts, groupMembers: new Map(groups) },
      labels: world.labels ?? new Map(),
      only: { baseline: null, device: null, ...world.only },
      now,
    },
    { ...scan, ...world.scan },
  );
}

export function report(world: World): Compliance {
  return complied(world).report;
}

function observed(seen: readonly Seen[]): { observation: ObservedDevice[]; texts: ObservedPosture[] } {
  const texts: ObservedPosture[] = [];
  const observation: ObservedDevice[] = [];
  for (const { id, name = `WS-${id}`, os = 'Windows 11 Enterprise', state } of seen) {
    if (state === null) continue;
    const text = typeof state === 'string' ? state : postureText({ kind: 'workstation', values: state });
    let index = texts.findIndex((one) => one.text === text);
    if (index === -1) index = texts.push(parsePosture(text)) - 1;
    observation.push({ computerId: id, name, domain: 'corp.example', os, text: index });
  }
  return { observation, texts };
}
