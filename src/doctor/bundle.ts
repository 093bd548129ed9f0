/** What whoever helps needs to see, in one document, and no secret (#183, npsd-domain.md F39). */
import { open } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { DoctorReport } from '../model/doctor.ts';
import type { Store } from '../ports.ts';
import { redacted } from './redact.ts';

export interface BundleRequest {
  readonly madeAt: string;
  /** Of Trueup, Node and the system, by name. */
  readonly versions: Readonly<Record<string, string>>;
  readonly report: DoctorReport;
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  readonly store: Store;
  readonly logs: readonly LogPlace[];
  /** Values that must not be in it. */
  readonly secrets: readonly string[];
}

export interface LogPlace {
  /** `svc_scan.log of Trueup` */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** JSON. A log that cannot be read says so in its place. */
export async function bundleOf(request: BundleRequest): Promise<string> {
  const { madeAt, versions, report, desired, provider, store, logs, secrets } = request;
  const bundle = {
    version: 1,
    madeAt,
    versions,
    doctor: report,
    config: configOf(desired, provider),
    store: store.address,
    runs: await runsIn(store),
    scans: await store.scanRuns(mostRuns),
    unsettled: (await store.unsettled()).map(({ name, run, state, targets, intendedAt }) => {
      return { name, run, state, targets: targets.length, intendedAt };
    }),
    drift: await driftIn(store),
    logs: await Promise.all(logs.map(tailOf)),
  };
  const clean = (_: string, value: unknown): unknown => (typeof value === 'string' ? redacted(value, secrets) : value);
  return `${JSON.stringify(bundle, clean, 2)}\n`;
}

/** Where secrets are, and never what they are. */
function configOf(desired: Desired, provider: DesiredProvider): Readonly<Record<string, unknown>> {
  const { principals, ref, ...rest } = provider;
  return {
    digest: desired.digest,
    source: ref.source,
    provider: rest,
    counts: {
      computers: desired.computers.length,
      memberships: desired.memberships.length,
      accounts: desired.accounts.length,
      exclusions: desired.exclusions.length,
      baselines: desired.baselines.length,
      principals: principals.size,
    },
    rollout: desired.rollout,
  };
}

const mostRuns = 20;
const mostAudits = 100;

/** The runs that the audit chain names last, newest first, each with its plan in figures. */
async function runsIn(store: Store): Promise<readonly unknown[]> {
  const last = await store.lastAudit();
  const ids = new Set<string>();
  for await (const { run } of store.audit(Math.max(1, (last?.number ?? 0) - mostAudits + 1))) {
    ids.delete(run);
    ids.add(run);
  }
  const runs: unknown[] = [];
  for (const id of [...ids].toReversed().slice(0, mostRuns)) {
    const run = await store.run(id);
    if (run === null) continue;
    const { plan, ...rest } = run;
    const { digest, scan, bounds, budgets, refusal, summary } = plan ?? {};
    runs.push({ ...rest, plan: plan === null ? null : { digest, scan, bounds, budgets, refusal, summary } });
  }
  return runs;
}

/** How many records there are, by state and kind. */
async function driftIn(store: Store): Promise<Readonly<Record<string, number>>> {
  const counts: Record<string, number> = {};
  for await (const { state, kind } of store.drift({})) {
    const key = `${state} ${kind}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

const tailBytes = 128 * 1024;
const tailLines = 300;

async function tailOf({ name, path }: LogPlace): Promise<Readonly<Record<string, unknown>>> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const start = Math.max(0, size - tailBytes);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    // The first may be the end of a line.
    const whole = start > 0 ? lines.slice(1) : lines;
    return { name, path, bytes: size, lines: whole.filter((line) => line !== '').slice(-tailLines) };
  } catch (error) {
    return { name, path, problem: messageOf(error) };
  }
}
