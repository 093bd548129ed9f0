import { canonicalJson } from '../model/canonical.ts';
import type { RotationSettings } from '../model/rotation.ts';
import { sha256 } from './hash.ts';

/**
 * SHA-256 in hexadecimal of what a password is made of, and where; an operation that rotates has both. Where the
 * digest of the present policy is another one than that of the password, the password is changed.
 */
export function demandsDigest({ complexity, generator }: Pick<RotationSettings, 'complexity' | 'generator'>): string {
  return sha256(canonicalJson([complexity, generator]));
}
