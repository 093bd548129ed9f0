/** What the reports of one device say of passwords, still sealed. */
import type { Report } from '../../endpoint/report.ts';
import {
  type RotatedPassword,
  rotatedPasswordOf,
  type SetPassword,
  sessionKeyOf,
  setPasswordOf,
} from '../../endpoint/rotation.ts';
import type { AccountRef, Operation, RotationStep } from '../../model/operation.ts';
import type { Sid } from '../../model/sid.ts';

export type PasswordNews =
  /** The device has made and set it. */
  | ({ readonly kind: 'rotated'; readonly rotation: string } & OfAccount & RotatedPassword)
  /** The device waits for a password that is sealed to this key. */
  | { readonly kind: 'session'; readonly publicKey: string }
  /** The device has set the one that it was sent. */
  | ({ readonly kind: 'set' } & OfAccount & SetPassword)
  /** It should say one of these, and nobody can read what it says. */
  | { readonly kind: 'unreadable'; readonly of: Operation | RotationStep };

interface OfAccount {
  /** As it was addressed. */
  readonly account: AccountRef;
  readonly machineSid: Sid;
}

/** `asked`: what the device was sent, in the order of the numbers of its reports. */
export function passwordNewsOf(
  asked: readonly (Operation | RotationStep)[],
  reports: readonly Report[],
): readonly PasswordNews[] {
  const news: PasswordNews[] = [];
  for (const { n, status, meta, data } of reports) {
    const one = asked[n - 1];
    if (one === undefined || status !== 'ok' || meta === null) continue;
    const said = newsOf(one, data, meta.sid);
    if (said !== null) news.push(said);
  }
  return news;
}

/** Null: it is not about a password. */
function newsOf(one: Operation | RotationStep, data: Report['data'], machineSid: Sid): PasswordNews | null {
  const unreadable = { kind: 'unreadable', of: one } as const;
  switch (one.kind) {
    case 'password.rotate': {
      const rotation = one.rotation?.id ?? '';
      const said = rotatedPasswordOf(data, rotation);
      return said === null ? unreadable : { kind: 'rotated', account: one.account, rotation, machineSid, ...said };
    }
    case 'password.session': {
      const publicKey = sessionKeyOf(data);
      return publicKey === null ? unreadable : { kind: 'session', publicKey };
    }
    case 'password.set': {
      const said = setPasswordOf(data);
      return said === null ? unreadable : { kind: 'set', account: one.account, machineSid, ...said };
    }
    default:
      return null;
  }
}
