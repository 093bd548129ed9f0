/** What can go wrong on a device: a closed list, and Windows' own numbers for it (windows-accounts.md). */

export const endpointErrorCodes = [
  'not-found',
  'exists',
  'special-account',
  'last-administrator',
  'password-policy',
  'laps-owned',
  'in-use',
  'access-denied',
  'domain-controller',
  'constrained-language',
  'bad-argument',
  'crypto',
  'journal',
  'timeout',
  'unexpected',
] as const;
export type EndpointErrorCode = (typeof endpointErrorCodes)[number];

/** `unchanged`: not an error at all, the device already is as it was asked to be. */
export type NativeMeaning = EndpointErrorCode | 'unchanged';

/** Win32 and NERR codes as the WinNT provider raises them, and the NTSTATUS values of the same conditions. */
const meanings: ReadonlyMap<number, NativeMeaning> = new Map<number, NativeMeaning>([
  [5, 'access-denied'], // ERROR_ACCESS_DENIED
  [87, 'bad-argument'], // ERROR_INVALID_PARAMETER
  [258, 'timeout'], // WAIT_TIMEOUT
  [1316, 'exists'], // ERROR_USER_EXISTS
  [1317, 'not-found'], // ERROR_NO_SUCH_USER
  [1322, 'last-administrator'], // ERROR_LAST_ADMIN
  [1325, 'password-policy'], // ERROR_PASSWORD_RESTRICTION
  [1332, 'not-found'], // ERROR_NONE_MAPPED
  [1337, 'bad-argument'], // ERROR_INVALID_SID
  [1371, 'special-account'], // ERROR_SPECIAL_ACCOUNT
  [1376, 'not-found'], // ERROR_NO_SUCH_ALIAS
  [1377, 'unchanged'], // ERROR_MEMBER_NOT_IN_ALIAS
  [1378, 'unchanged'], // ERROR_MEMBER_IN_ALIAS
  [1379, 'exists'], // ERROR_ALIAS_EXISTS
  [1387, 'not-found'], // ERROR_NO_SUCH_MEMBER
  [1388, 'bad-argument'], // ERROR_INVALID_MEMBER
  [1460, 'timeout'], // ERROR_TIMEOUT
  [2202, 'bad-argument'], // NERR_BadUsername
  [2220, 'not-found'], // NERR_GroupNotFound
  [2221, 'not-found'], // NERR_UserNotFound
  [2223, 'exists'], // NERR_GroupExists
  [2224, 'exists'], // NERR_UserExists
  [2245, 'password-policy'], // NERR_PasswordTooShort: length, complexity, history, age alike (C11)
  [8654, 'laps-owned'], // the account is managed by Windows LAPS (C28)
  [0xc000006c, 'password-policy'], // STATUS_PASSWORD_RESTRICTION
  [0xc0000022, 'access-denied'], // STATUS_ACCESS_DENIED
  [0xc0000073, 'not-found'], // STATUS_NONE_MAPPED
  [0xc0000124, 'special-account'], // STATUS_SPECIAL_ACCOUNT
  [0xc0000152, 'unchanged'], // STATUS_MEMBER_NOT_IN_ALIAS
  [0xc0000153, 'unchanged'], // STATUS_MEMBER_IN_ALIAS
  [0xc000a08b, 'laps-owned'], // the same, from SAM
]);

const win32Facility = 0x8007_0000;

/** Meaning of a native code, also in the dress of an HRESULT (`0x800708C5` is 2245); unknown ones are `unexpected`. */
export function meaningOf(native: number): NativeMeaning {
  const code = native >>> 16 === win32Facility >>> 16 ? native & 0xffff : native >>> 0;
  return meanings.get(code) ?? 'unexpected';
}

/** A Win32 code as a report spells it: the HRESULT, `0x800708C5`. */
export function nativeText(win32: number): string {
  return `0x${(win32Facility + win32).toString(16).toUpperCase()}`;
}

/** The inverse of {@link nativeText}, for any eight-digit or shorter code; null where it is none. */
export function parseNative(text: string): number | null {
  return /^0x[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text.slice(2), 16) : null;
}

export function isEndpointErrorCode(text: unknown): text is EndpointErrorCode {
  return endpointErrorCodes.includes(text as EndpointErrorCode);
}
