/**
 * Whether NPS-D of this version has the Tanium integration. 2.22.13 is the last of its line, and 25.12 is older than the
 * integration though its number is higher (npsd-domain.md C19).
 */
export function hasTanium(version: string): boolean {
  const found = /^(\d+)\.(\d+)(?:\.(\d+))?$/.exec(version);
  if (found === null) return false;
  const [major = 0, minor = 0, patch = 0] = found.slice(1).map((part) => Number(part ?? 0));
  if (major === 2) return minor === 22 && patch >= 12;
  return major > 26 || (major === 26 && minor >= 3);
}

/** As a message names them. */
export const versionsWithTanium = 'NPS-D 2.22.12, 2.22.13, and 26.03 or later';
