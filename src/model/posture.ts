import type { DeviceKind } from './inventory.ts';

/**
 * How a device is configured, as its posture sensor says; the wire form is `endpoint/posture.ts`. Like the inventory it
 * holds no host name, no clock and no moving figure, so devices in the same state have equal postures.
 */
export interface Posture {
  readonly kind: DeviceKind;
  /** By path, `smb.requireSigning`, sorted. What could not be read on the device is left out: unknown, never a default. */
  readonly values: Readonly<Record<string, PostureValue>>;
}

export type PostureValue = boolean | number | string;

/** One distinct answer of the posture sensor; a million devices share a few hundred of them. */
export type ObservedPosture =
  | { readonly text: string; readonly kind: 'posture'; readonly posture: Posture }
  /** The device answered, but with no state: another platform, a sensor error, text that is not ours. */
  | { readonly text: string; readonly kind: 'not-windows' | 'no-answer' | 'malformed'; readonly message: string };
