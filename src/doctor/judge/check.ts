/** How a check is written down. */
import type { TrueupError } from '../../errors.ts';
import type { Check } from '../../model/doctor.ts';

export function ok(id: string, message: string): Check {
  return { id, status: 'ok', message, remedy: null };
}

export function info(id: string, message: string, remedy: string | null = null): Check {
  return { id, status: 'info', message, remedy };
}

export function warn(id: string, message: string, remedy: string): Check {
  return { id, status: 'warn', message, remedy };
}

export function fail(id: string, message: string, remedy: string): Check {
  return { id, status: 'fail', message, remedy };
}

/** `why`: a sentence's worth. */
export function skipped(id: string, why: string, remedy: string | null = null): Check {
  return { id, status: 'skipped', message: `Not looked at: ${why}.`, remedy };
}

/** In the error's own words. */
export function failedBy(id: string, { code, message, remedy }: TrueupError): Check {
  return fail(id, `${message} (${code})`, remedy);
}

/** So many of a list as a line takes. */
export function some(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}

export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
