/** Reads a plan that `plan --out` kept: its shape, and that nobody has changed it since. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { TrueupError } from '../errors.ts';
import type { Plan } from '../model/plan.ts';
import { digestOf } from '../reconcile/assemble.ts';

/** `schemas/` lies beside `src/` and beside `dist/`. */
const schemaFile = new URL('../../schemas/plan.schema.json', import.meta.url);

/** Throws TRUEUP_PLAN_INVALID for another text, another version, or one that does not come to its own digest. */
export function planFrom(text: string): Plan {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (origin) {
    throw new TrueupError('TRUEUP_PLAN_INVALID', 'The plan is not JSON.', { origin });
  }
  const version = typeof value === 'object' && value !== null && 'version' in value ? value.version : undefined;
  if (typeof version === 'number' && version !== 1) {
    throw new TrueupError('TRUEUP_PLAN_INVALID', `The plan is of version ${version}, and this Trueup reads version 1.`);
  }
  const ajv = new Ajv2020({ strict: false });
  const isPlan = ajv.compile<Plan>(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  if (!isPlan(value)) {
    const [first] = isPlan.errors ?? [];
    const where = first?.instancePath === '' ? 'The file' : `The plan's ${first?.instancePath}`;
    throw new TrueupError('TRUEUP_PLAN_INVALID', `${where} ${first?.message ?? 'is not of a plan'}.`);
  }
  const { digest, ...content } = value;
  if (digestOf(content) !== digest) {
    throw new TrueupError('TRUEUP_PLAN_INVALID', 'The plan does not come to its own digest: it was changed.');
  }
  return value;
}
