/** What a device reports of passwords: the `data` of RotatePassword, NewSession and SetPassword. */
import type { JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';

/** One password that the device has sealed to the key that it was given. */
export interface ReportedBox {
  readonly attempt: number;
  /** See `envelope.ts`. */
  readonly box: string;
}

export interface RotatedPassword {
  readonly rid: number;
  /** The attempt whose password is set. */
  readonly attempt: number;
  /** By the device's clock, ISO 8601 to the second; null: it cannot tell. */
  readonly setAt: string | null;
  /** Ascending by attempt, each once, and of many the newest; none: they were acknowledged. */
  readonly boxes: readonly ReportedBox[];
}

/**
 * A device makes two at each time of asking for as long as its own policy refuses what it is asked for, and seals each
 * before; the newest alone are looked at, which bounds what a hostile report can make of it.
 */
const mostBoxes = 100;
/** Of a password of 127 characters it is 344. */
const longestBox = 4096;

/** Null: not a report of the rotation with this id. */
export function rotatedPasswordOf(data: JsonObject | null, id: string): RotatedPassword | null {
  if (data === null || data['id'] !== id) return null;
  const { rid, attempt, set, envelopes } = data;
  if (!isRid(rid) || !isAttempt(attempt) || !isTimeOrNull(set)) return null;
  const boxes = boxesOf(envelopes);
  if (boxes === null || boxes.some((one) => one.attempt > attempt)) return null;
  return { rid, attempt, setAt: set, boxes: boxes.slice(-mostBoxes) };
}

function boxesOf(value: unknown): readonly ReportedBox[] | null {
  const listed: unknown = value ?? [];
  if (!Array.isArray(listed)) return null;
  const boxes: ReportedBox[] = [];
  for (const one of listed) {
    if (!isJsonObject(one) || one['alg'] !== 'RSA-OAEP-256') return null;
    const { a, box } = one;
    if (!isAttempt(a) || a <= (boxes.at(-1)?.attempt ?? 0) || !isBox(box)) return null;
    boxes.push({ attempt: a, box });
  }
  return boxes;
}

export interface SetPassword {
  readonly rid: number;
  /** By the device's clock, ISO 8601 to the second; null: it cannot tell. */
  readonly setAt: string | null;
}

/** Null: not a report of a password that was set. */
export function setPasswordOf(data: JsonObject | null): SetPassword | null {
  if (data === null) return null;
  const { rid, set } = data;
  return isRid(rid) && isTimeOrNull(set) ? { rid, setAt: set } : null;
}

/** The public key of a session, as `envelope.ts` reads it; null: the report has none. */
export function sessionKeyOf(data: JsonObject | null): string | null {
  const key = data?.['publicKey'];
  return typeof key === 'string' && key.length <= longestBox && /^[\w+/=]+,[\w+/=]+$/.test(key) ? key : null;
}

function isRid(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 0xffff_ffff;
}

function isAttempt(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isTimeOrNull(value: unknown): value is string | null {
  if (value === null) return true;
  return (
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) && !Number.isNaN(Date.parse(value))
  );
}

function isBox(value: unknown): value is string {
  return typeof value === 'string' && value.length <= longestBox && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}
