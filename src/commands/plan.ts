/** `trueup plan`: what an apply would do now. Creates no action and writes nothing but the file of --out. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { planFileText } from '../apply/plan-file.ts';
import { survey, wholeLook } from '../apply/survey.ts';
import { briefOf, messageOf, TrueupError } from '../errors.ts';
import type { Allowance, Only, Plan } from '../model/plan.ts';
import { exitCodeOf } from '../reconcile/exit-code.ts';
import { planHtml } from '../render/plan-html.ts';
import { planJson } from '../render/plan-json.ts';
import { planMarkdown } from '../render/plan-markdown.ts';
import { planText } from '../render/plan-text.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { signKeyOf } from './plan-keys.ts';
import { openSession, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface PlanOptions extends SessionOptions {
  readonly format: Format;
  /** Asks the fleet anew, whatever scan is stored. */
  readonly fresh: boolean;
  /** Names the devices of each change. */
  readonly devices: boolean;
  /** `policy=NAME` or `device=NAME`. */
  readonly only: string | null;
  /** Guards that are set aside. */
  readonly allow: readonly Allowance[];
  /** Waves that are released. */
  readonly approve: readonly string[];
  /** File to keep the plan in, for `apply FILE`. */
  readonly out: string | null;
  /** File of the Ed25519 private key that signs it. */
  readonly signKey: string | null;
}

/** Exits 0, 2, 3 or 4, see 1-product.md. */
export async function plan(options: PlanOptions, io: Io): Promise<number> {
  const only = onlyOf(options.only);
  const signKey = await signKeyOf(options.signKey, io);
  const session = await openSession(options, io, 'read');
  const status = statusOf(io);
  try {
    const context = session.context(status.tell);
    const { fresh, allow, approve } = options;
    const found = await survey(context, { ...wholeLook, fresh, only, allow, approve });
    status.clear();
    if (options.out !== null) {
      const file = { plan: found.plan, madeAt: context.clock.now(), by: context.by };
      await keep(planFileText(file, signKey), resolve(io.cwd, options.out));
    }
    io.out(rendered(found.plan, options, io));
    const exitCode = exitCodeOf(found.plan);
    const { digest, scan, summary } = found.plan;
    session.logs.scan.info({ plan: digest, exitCode, scan, ...summary }, 'plan');
    return exitCode;
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'plan');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

export function rendered(found: Plan, { format, devices }: Pick<PlanOptions, 'format' | 'devices'>, io: Io): string {
  if (format === 'json') return planJson(found);
  if (format === 'markdown') return planMarkdown(found);
  if (format === 'html') return planHtml(found);
  return planText(found, { ...viewOf(io), devices });
}

/** Throws TRUEUP_USAGE. */
export function onlyOf(text: string | null): Only | null {
  if (text === null) return null;
  const [, key, name] = /^(policy|device)=(.+)$/s.exec(text) ?? [];
  if (name === undefined) {
    throw new TrueupError('TRUEUP_USAGE', `--only takes policy=NAME or device=NAME, not ${JSON.stringify(text)}.`);
  }
  return key === 'policy' ? { policy: name } : { device: name };
}

/** A plan names devices and administrators: it is for its owner alone. */
async function keep(text: string, path: string): Promise<void> {
  try {
    await writeFile(path, text, { mode: 0o600 });
  } catch (origin) {
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_USAGE', `The plan cannot be written to ${path}: ${why}.`, {
      cause: 'The folder of --out does not exist, or may not be written.',
      remedy: 'Name another file with --out.',
      origin,
    });
  }
}
