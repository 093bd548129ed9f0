/** A password on its way to somebody who opens it without us: one line of an export, as JSON. */
import type { CredentialState } from './credential.ts';

export interface ExportedPassword {
  readonly version: 1;
  readonly provider: string;
  readonly computerId: string;
  /** Computer Name at the time of the export; the box is not bound to it. */
  readonly device: string;
  /** `builtin`, or the account's declared name in lower case. */
  readonly account: string;
  readonly rid: number | null;
  /** Id of the rotation. */
  readonly rotation: string;
  readonly attempt: number;
  readonly state: CredentialState;
  /** By the device's clock, ISO time; null: it has not said. */
  readonly setAt: string | null;
  /** Fingerprint of the RSA key that it is sealed to. */
  readonly key: string;
  readonly box: string;
}

/** Null: it is no such line. */
export function exportedIn(line: string): ExportedPassword | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null) return null;
  const { version, provider, computerId, device, account, rotation, attempt, state, key, box } = value as Record<
    keyof ExportedPassword,
    unknown
  >;
  const texts = [provider, computerId, device, account, rotation, key, box];
  const isWhole = texts.every((text) => typeof text === 'string') && Number.isSafeInteger(attempt);
  const isState = state === 'current' || state === 'pending' || state === 'previous';
  return version === 1 && isWhole && isState ? (value as ExportedPassword) : null;
}
