/** Under which name a record keeps the account that an operation speaks of. */
import type { AccountCredentials } from '../model/credential.ts';
import type { AccountRef } from '../model/operation.ts';
import { BUILTIN_ADMINISTRATOR_RID, localSid } from '../model/sid.ts';

/** The built-in administrator, whatever it is called on a device. */
export const builtinAccount = 'builtin';

/** Of the same account always the same, whether it is declared or sent. */
export function accountOf(ref: AccountRef | { readonly builtin: 'administrator' }): string {
  if ('builtin' in ref) return builtinAccount;
  if ('name' in ref) return ref.name.toLowerCase();
  return ref.rid === BUILTIN_ADMINISTRATOR_RID ? builtinAccount : localSid(ref.rid);
}

/** The record of an account of which nothing is kept yet. */
export function nothingHeld(computerId: string, account: string): AccountCredentials {
  return {
    computerId,
    account,
    rid: null,
    machineSid: null,
    revision: 0,
    open: null,
    demands: null,
    credentials: [],
  };
}
