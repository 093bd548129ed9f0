import { parseArgs } from 'node:util';
import { compileContent } from '../src/desired/compile-content.ts';
import { postureItems } from '../src/endpoint/posture/items.ts';
import { parsePosture, postureText } from '../src/endpoint/posture.ts';
import { type BaselinePolicy, defaultPosture } from '../src/model/compliance.ts';
import { type Desired, type DesiredProvider, defaultRollout } from '../src/model/desired.ts';
import { listed, type ObservedDevices } from '../src/model/observed.ts';
import type { ObservedPosture } from '../src/model/posture.ts';
import { comply } from '../src/reconcile/compliance.ts';
import { median, report } from './measure/report.ts';

export const description =
  'CPU of holding the postures of a fleet against a baseline: [--devices 100000] [--checks 25] [--texts 400] [--runs 5]';

/** In seconds of CPU, so that nothing else on the machine counts; texts are parsed before, once each. */
export function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      devices: { type: 'string', default: '100000' },
      checks: { type: 'string', default: '25' },
      texts: { type: 'string', default: '400' },
      runs: { type: 'string', default: '5' },
    },
  });
  const devices = devicesOf(Number(values.devices), Number(values.texts));
  const texts = textsOf(Number(values.texts));
  const desired = desiredOf(Number(values.checks));
  const input = {
    desired,
    provider: { name: 'bench', deviceLabels: null } as DesiredProvider,
    recorded: { owner: 'embedded', computers: [] } as const,
    observation: { devices, texts, groupMembers: new Map() },
    labels: new Map(),
    only: { baseline: null, device: null },
    now: '2026-03-02T09:20:00.000Z',
  };
  const seconds: number[] = [];
  let failed = 0;
  for (let index = 0; index <= Number(values.runs); index += 1) {
    const began = process.cpuUsage();
    const { counts } = comply(input, scan).report;
    const { user, system } = process.cpuUsage(began);
    // The first one is also what the engine compiles itself by.
    if (index > 0) seconds.push((user + system) / 1e6);
    failed = counts.failed;
  }
  const limited = values.devices === '100000' && values.checks === '25';
  return Promise.resolve(
    report([
      { name: 'checks that fail', value: failed, unit: '', digits: 0 },
      { name: 'CPU', value: median(seconds), unit: 's', digits: 2, ...(limited ? { limit: 1 } : {}) },
    ]),
  );
}

const scan = {
  sensor: defaultPosture.sensor,
  at: '2026-03-02T09:14:00Z',
  ageSeconds: 360,
  maxAgeSeconds: defaultPosture.maxAgeSeconds,
  origin: 'asked',
  missing: null,
} as const;

/** Every second check fails on half of the texts. */
function desiredOf(count: number): Desired {
  const source = { file: 'baseline.yaml', line: 1 };
  const checks = postureItems.slice(0, count).map(({ path }, index) => {
    const demand = { op: 'equals', value: index % 2 === 0 } as const;
    return { id: path, path, demand, severity: 'medium', source } as const;
  });
  const baseline: BaselinePolicy = { ref: { kind: 'ComplianceBaseline', name: 'all', source }, selector: {}, checks };
  return {
    digest: 'd'.repeat(64),
    providers: [],
    computers: [],
    memberships: [],
    accounts: [],
    rotations: [],
    exclusions: [],
    baselines: [baseline],
    posture: defaultPosture,
    content: compileContent([]),
    rollout: defaultRollout,
    notActedOn: [],
  };
}

/** Values of one type suffice: what a check costs does not depend on it. */
function textsOf(count: number): ObservedPosture[] {
  return Array.from({ length: count }, (_, text) => {
    const values = Object.fromEntries(
      postureItems.map(({ path }, index) => [`x${path}`, ((text >> (index % 9)) & 1) === 1] as const),
    );
    const known = parsePosture(postureText({ kind: 'workstation', values }));
    if (known.kind !== 'posture') return known;
    const own = Object.entries(known.posture.values).map(([path, value]) => [path.slice(1), value] as const);
    return { ...known, posture: { ...known.posture, values: Object.fromEntries(own) } };
  });
}

function devicesOf(count: number, texts: number): ObservedDevices {
  const devices = Array.from({ length: count }, (_, index) => ({
    computerId: String(1_000_000 + index),
    name: `WS-${String((index * 7919) % count).padStart(6, '0')}.corp.example`,
    domain: 'corp.example',
    os: 'Windows 11 Enterprise',
    text: index % texts,
  }));
  return listed(devices);
}
