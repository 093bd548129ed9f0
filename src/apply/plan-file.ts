/** The file of `plan --out`: the plan, when and by whom it was made, and what shows that nobody changed it since. */
import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { TrueupError } from '../errors.ts';
import { canonicalJson } from '../model/canonical.ts';
import type { Plan } from '../model/plan.ts';
import { digestOf } from '../reconcile/assemble.ts';

/** `schemas/` lies beside `src/` and beside `dist/`. */
const schemaFile = new URL('../../schemas/plan.schema.json', import.meta.url);

export interface PlanFile {
  readonly plan: Plan;
  /** ISO time. */
  readonly madeAt: string;
  /** `user@host` */
  readonly by: string;
}

/** What the file has beside its content. */
interface Seal {
  /** SHA-256 of the content's canonical JSON, in hexadecimal. */
  readonly checksum: string;
  /** Ed25519 over the same bytes, in Base64; null: nobody signed it. */
  readonly signature: { readonly key: string; readonly value: string } | null;
}

/** `signKey`: an Ed25519 private key; null: the file is not signed. */
export function planFileText(content: PlanFile, signKey: KeyObject | null): string {
  const bytes = bytesOf(content);
  const signature = signKey && {
    key: fingerprintOf(createPublicKey(signKey)),
    value: sign(null, bytes, signKey).toString('base64'),
  };
  const { plan, ...maker } = content;
  const seal: Seal = { checksum: checksumOf(bytes), signature };
  return `${JSON.stringify({ version: 1, ...maker, ...seal, plan }, null, 2)}\n`;
}

/** What is asked of a file before it is believed. */
export interface PlanFileDemands {
  /** An Ed25519 public key that must have signed it; null: a signature does not matter. */
  readonly verifyKey: KeyObject | null;
  readonly maxAgeSeconds: number | null;
  /** ISO time. */
  readonly now: string;
}

/**
 * Throws TRUEUP_PLAN_INVALID for another text or version, one that was altered, and one that the key did not sign;
 * TRUEUP_PLAN_STALE for one that is too old.
 */
export function planFrom(text: string, { verifyKey, maxAgeSeconds, now }: PlanFileDemands): Plan {
  const file = parsed(text);
  const { plan, madeAt, by, checksum, signature } = file;
  const bytes = bytesOf({ plan, madeAt, by });
  if (checksumOf(bytes) !== checksum) throw invalid('The plan file does not come to its own checksum: it was changed.');
  refuseForeignSignature(bytes, signature, verifyKey);
  const { digest, ...content } = plan;
  if (digestOf(content) !== digest) throw invalid('The plan does not come to its own digest: it was changed.');
  refuseOld(madeAt, maxAgeSeconds, now);
  return plan;
}

function refuseForeignSignature(bytes: Buffer, signature: Seal['signature'], key: KeyObject | null): void {
  if (key === null) return;
  const expected = fingerprintOf(key);
  if (signature === null) {
    throw invalid('The plan file is not signed.', {
      cause: `A plan is asked for that the key ${expected} signed.`,
      remedy: 'Make it anew with `trueup plan --out FILE --sign-key KEY`.',
    });
  }
  if (signature.key !== expected)
    throw invalid(`The plan file is signed by the key ${signature.key}, not ${expected}.`);
  if (!verify(null, bytes, key, Buffer.from(signature.value, 'base64'))) {
    throw invalid(`The signature of the plan file is not one of the key ${expected}: it was changed.`);
  }
}

function refuseOld(madeAt: string, maxAgeSeconds: number | null, now: string): void {
  if (maxAgeSeconds === null) return;
  const age = Math.round((Date.parse(now) - Date.parse(madeAt)) / 1000);
  // Of a time that is yet to come nobody can say how old it is.
  if (age >= -mostSkewSeconds && age <= maxAgeSeconds) return;
  throw new TrueupError(
    'TRUEUP_PLAN_STALE',
    age < 0
      ? `The plan says that it was made at ${madeAt}, which is yet to come.`
      : `The plan is ${age} seconds old, and --max-age allows ${maxAgeSeconds}.`,
  );
}

/** By which the clocks of two machines may differ. */
const mostSkewSeconds = 60;

function parsed(text: string): PlanFile & Seal {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (origin) {
    throw new TrueupError('TRUEUP_PLAN_INVALID', 'The plan file is not JSON.', { origin });
  }
  if (!isMap(value)) throw invalid('The file is not a plan file.');
  const { version, madeAt, by, checksum, signature, plan } = value;
  if (typeof version === 'number' && version !== 1) {
    throw invalid(`The plan file is of version ${version}, and this Trueup reads version 1.`);
  }
  if (value['actions'] !== undefined && plan === undefined) {
    throw invalid('The file is what `plan --json` prints, not what `plan --out` keeps.');
  }
  if (
    version !== 1 ||
    !isTime(madeAt) ||
    typeof by !== 'string' ||
    typeof checksum !== 'string' ||
    !isSignature(signature)
  )
    throw invalid('The file is not a plan file.');
  return { madeAt, by, checksum, signature, plan: planOf(plan) };
}

function planOf(value: unknown): Plan {
  const ajv = new Ajv2020({ strict: false });
  const isPlan = ajv.compile<Plan>(JSON.parse(readFileSync(schemaFile, 'utf8')) as object);
  if (isPlan(value)) return value;
  const [first] = isPlan.errors ?? [];
  const where = first?.instancePath === '' ? 'The plan in the file' : `The plan's ${first?.instancePath}`;
  throw invalid(`${where} ${first?.message ?? 'is not of a plan'}.`);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): value is string {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value));
}

function isSignature(value: unknown): value is Seal['signature'] {
  return value === null || (isMap(value) && typeof value['key'] === 'string' && typeof value['value'] === 'string');
}

function bytesOf({ plan, madeAt, by }: PlanFile): Buffer {
  return Buffer.from(canonicalJson({ version: 1, madeAt, by, plan }), 'utf8');
}

function checksumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Tells one public key from another in a sentence: the first 16 digits of the SHA-256 of its SPKI form. */
export function fingerprintOf(key: KeyObject): string {
  return checksumOf(key.export({ type: 'spki', format: 'der' })).slice(0, 16);
}

function invalid(message: string, details: { readonly cause?: string; readonly remedy?: string } = {}): TrueupError {
  return new TrueupError('TRUEUP_PLAN_INVALID', message, details);
}
