import type { Generator } from './credential.ts';
import type { MaintenanceWindow } from './desired.ts';
import type { Complexity } from './operation.ts';

/** What all policies about one account come to. */
export interface RotationSettings {
  /** A password that is older is changed. */
  readonly rotationDays: number;
  /** For how long those that came before it are kept. */
  readonly retentionDays: number;
  readonly minutesAfterReveal: number;
  readonly complexity: Complexity;
  readonly generator: Generator;
  readonly dependents: 'refuse' | 'ignore';
  /** Times outside of which nothing is rotated; none: any time will do. */
  readonly windows: readonly MaintenanceWindow[];
  /** Public keys that each password is sealed to besides our own. */
  readonly recoveryKeys: readonly RecoveryKey[];
  /** Gets each new password on its standard input; null: nobody else gets it. */
  readonly sink: { readonly command: readonly string[] } | null;
  /** Prints each new password, of generator `controller` alone; null: it is made here. */
  readonly value: { readonly command: readonly string[] } | null;
}

/** A PEM file, which is read when it is needed, or its text. */
export type RecoveryKey = { readonly file: string } | { readonly pem: string };

/** The defaults of `password-rotation-policy.schema.json`. */
export const defaultRotation: RotationSettings = {
  rotationDays: 30,
  retentionDays: 90,
  minutesAfterReveal: 60,
  complexity: {
    minLength: 20,
    minDigits: 3,
    minUppercase: 3,
    minLowercase: 3,
    minSpecial: 3,
    excludeChars: '',
    words: null,
  },
  generator: 'endpoint',
  dependents: 'refuse',
  windows: [],
  recoveryKeys: [],
  sink: null,
  value: null,
};
