import type { Sid } from './sid.ts';

/**
 * What a device's sensor says of its local accounts and groups; the wire form is `endpoint/inventory.ts`.
 * It holds no host name, no machine SID and no clock, so devices in the same state have equal inventories.
 */
export interface Inventory {
  readonly os: { readonly build: string; readonly kind: DeviceKind };
  /** Windows PowerShell version, `5.1`. */
  readonly powershell: string;
  readonly language: 'full' | 'constrained';
  /** Of the PowerShell that the sensor runs in; null: an older script does not say. */
  readonly bits: 32 | 64 | null;
  /** Whether Windows has the module LocalAccounts; null: an older script does not say. */
  readonly localAccounts: boolean | null;
  /** Sorted by RID. */
  readonly users: readonly LocalUser[];
  /** Sorted by SID; the groups that the script reports, Administrators among them always. */
  readonly groups: readonly LocalGroup[];
  readonly laps: { readonly mode: LapsMode; readonly rid: number | null };
  readonly rotations: readonly RotationMark[];
}

export type DeviceKind = 'workstation' | 'server' | 'dc';
export type LapsMode = 'none' | 'ad' | 'entra' | 'legacy';

export interface LocalUser {
  readonly rid: number;
  readonly name: string;
  readonly fullName: string;
  readonly description: string;
  /** Sorted. */
  readonly flags: readonly UserFlag[];
  readonly enabled: boolean;
  readonly locked: boolean;
  /** UTC day on which the account expires, `2027-01-31`; null: never. */
  readonly expires: string | null;
  /** UTC day on which the password was last set; null: never. */
  readonly passwordSet: string | null;
}

/** `nx` password never expires · `nc` user cannot change it · `nr` no password required. */
export type UserFlag = 'nx' | 'nc' | 'nr';

export interface LocalGroup {
  readonly sid: Sid;
  /** Sorted by SID. */
  readonly members: readonly GroupMember[];
}

export interface GroupMember {
  /** `~-RID` for an account of the machine itself. */
  readonly sid: Sid;
  readonly kind: MemberKind;
  /** `DOMAIN\name`; null where the device could not resolve the SID (an orphan, or no domain controller in reach). */
  readonly name: string | null;
}

/** `u` user · `g` group · `c` computer · `x` not known, as for an orphan. */
export type MemberKind = 'u' | 'g' | 'c' | 'x';

export interface RotationMark {
  readonly rid: number;
  readonly id: string;
  readonly attempt: number;
  readonly state: 'made' | 'set' | 'changed';
}
