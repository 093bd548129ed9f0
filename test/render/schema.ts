/** The schemas of what the program prints, as a user's validator reads them. */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

/** Of `schemas/NAME.schema.json`, in ajv's strict mode. */
export function validator(
  name:
    | 'plan'
    | 'drift'
    | 'apply'
    | 'explain'
    | 'compliance'
    | 'doctor'
    | 'scan'
    | 'scan-status'
    | 'report'
    | 'tokens'
    | 'keys'
    | 'password-history',
): ValidateFunction {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true });
  formats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object);
}
