/** `trueup apply`: shows the plan, asks, carries it out, looks again. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Applied, apply as carryOut } from '../apply/apply.ts';
import { withLease } from '../apply/lease.ts';
import { lookOf, wholeLook } from '../apply/survey.ts';
import { refuseTurningOff } from '../apply/turn-off.ts';
import { briefOf, messageOf, TrueupError } from '../errors.ts';
import type { Allowance, AskedPasswords, Plan } from '../model/plan.ts';
import { applyJson } from '../render/apply-json.ts';
import { applyText } from '../render/apply-text.ts';
import { errorText } from '../render/error-text.ts';
import { planText } from '../render/plan-text.ts';
import { agreed } from './ask.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { onlyOf } from './plan.ts';
import { verifyKeyOf } from './plan-keys.ts';
import { leaseContext, openSession, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ApplyOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  readonly devices: boolean;
  /** `policy=NAME` or `device=NAME`; a saved plan has its own. */
  readonly only: string | null;
  /** These passwords, and nothing else; left out: everything. A saved plan has its own. */
  readonly rotate?: AskedPasswords;
  /** Guards that are set aside; a saved plan has its own. */
  readonly allow: readonly Allowance[];
  /** Waves that are released; a saved plan has its own. */
  readonly approve: readonly string[];
  /** A plan of `plan --out`; null: the plan of this moment. */
  readonly file: string | null;
  /** Seconds that a saved plan may be old; null: any age will do. */
  readonly maxAge: number | null;
  /** File of the Ed25519 public key that must have signed a saved plan. */
  readonly verifyKey: string | null;
  readonly yes: boolean;
  /** Whether the plan may turn the whole integration off. */
  readonly turnOff: boolean;
  /** Seconds to wait for another run of the provider; 0: not at all. */
  readonly wait: number;
}

/** Exits 0, 2, 3, 4 or 6, see 1-product.md. */
export async function apply(options: ApplyOptions, io: Io): Promise<number> {
  const asked = onlyOf(options.only);
  const given =
    asked !== null ? '--only' : options.allow.length > 0 ? '--allow' : options.approve.length > 0 ? '--approve' : null;
  if (options.file !== null && given !== null) {
    throw new TrueupError('TRUEUP_USAGE', `A saved plan is applied as it is: ${given} does not go with it.`, {
      cause: `What ${given} makes of a plan is a part of the plan.`,
      remedy: `Leave ${given} out; it is told to \`trueup plan --out\`.`,
    });
  }
  if (options.file === null && (options.maxAge !== null || options.verifyKey !== null)) {
    throw new TrueupError('TRUEUP_USAGE', '--max-age and --verify-key are for a saved plan, and no file is given.');
  }
  const saved = options.file === null ? null : await readPlan(options.file, options, io);
  const session = await openSession(options, io, 'write');
  const status = statusOf(io);
  try {
    const lease = leaseContext(session.store, options.rotate === undefined ? 'apply' : 'rotate', io, status.tell);
    const applied = await withLease(lease, session.configuration.provider.name, options.wait, (held) =>
      carryOut(session.context(status.tell, held), {
        kind: 'apply',
        saved,
        look:
          saved === null
            ? {
                ...wholeLook,
                only: asked,
                rotate: options.rotate ?? null,
                allow: options.allow,
                approve: options.approve,
              }
            : lookOf(saved),
        confirm: async (plan) => {
          status.clear();
          show(plan, options, io);
          if (!options.turnOff) refuseTurningOff(plan);
          return options.yes || agreed('Apply this plan?', 'nothing was applied', io);
        },
      }),
    );
    status.clear();
    report(applied, options, io);
    const { exitCode, result } = applied;
    const counts = { actions: result.actions.length, failed: result.failed.length, pending: result.pending.length };
    session.logs.scan.info({ run: result.run, plan: result.plan, exitCode, ...counts, held: result.held }, 'apply');
    return exitCode;
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'apply');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

/** Throws TRUEUP_PLAN_INVALID and TRUEUP_PLAN_STALE. */
async function readPlan(path: string, { maxAge, verifyKey }: ApplyOptions, io: Io): Promise<Plan> {
  const key = await verifyKeyOf(verifyKey, io);
  const { planFrom } = await import('../apply/plan-file.ts');
  let text: string;
  try {
    text = await readFile(resolve(io.cwd, path), 'utf8');
  } catch (origin) {
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_PLAN_INVALID', `The plan cannot be read: ${why}.`, { origin });
  }
  return planFrom(text, { verifyKey: key, maxAgeSeconds: maxAge, now: new Date().toISOString() });
}

/** With --json the result alone is standard output. */
function show(plan: Plan, { format, devices }: ApplyOptions, io: Io): void {
  const text = planText(plan, { ...viewOf(io), devices });
  if (format === 'text') io.out(text);
  else if (io.verbosity !== 'quiet') io.err(text);
}

function report({ plan, result, confirmed: wanted }: Applied, options: ApplyOptions, io: Io): void {
  const refusal = wanted ? refusalOf(plan) : null;
  if (options.format === 'json') io.out(applyJson(result));
  else if (!wanted) io.out('Nothing was changed.\n');
  else {
    // Nobody was asked, so nobody has seen it yet.
    if (plan.changes.length === 0 || refusal !== null) show(plan, options, io);
    if (refusal === null) io.out(applyText(result, { ...viewOf(io), devices: options.devices }, plan));
  }
  if (refusal !== null) io.err(errorText(refusal, viewOf(io)));
}

/** An error like any other: with code, cause, remedy and place. */
export function refusalOf({ refusal }: Plan): TrueupError | null {
  if (refusal === null) return null;
  const { kind, message, source } = refusal;
  const code = kind === 'budget' ? 'TRUEUP_BUDGET_EXCEEDED' : 'TRUEUP_TOO_FEW_OBSERVED';
  return new TrueupError(code, message, source === null ? {} : { source: `${source.file}:${source.line}` });
}
