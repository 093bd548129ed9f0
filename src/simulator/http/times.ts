/** Spellings of time on the wire (tanium-api.md 2), all from milliseconds since 1970. */

/** `2019-07-17T20:13:49Z`. */
export function restTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19)}Z`;
}

/** `2019/08/09 14:08:44 GMT-0000`, as results say what time it is. */
export function resultTime(at: number): string {
  const iso = new Date(at).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '/')} ${iso.slice(11, 19)} GMT-0000`;
}

/** `2019-07-17T20:13:49` or `Never`: saved actions leave the Z out. */
export function savedActionTime(at: number | null): string {
  return at === null ? 'Never' : new Date(at).toISOString().slice(0, 19);
}

/** What stands where there is no time yet. */
export const noTime = '2001-01-01T00:00:00Z';
export const noTimeMs: number = Date.parse(noTime);
