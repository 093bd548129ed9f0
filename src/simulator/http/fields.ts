/** Fields of JSON objects that others wrote. */

export type Wire = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function recordIn(value: Wire, key: string): Wire | null {
  const found = value[key];
  return isRecord(found) ? found : null;
}

/** Empty where there is none. */
export function listIn(value: Wire, key: string): readonly unknown[] {
  const found = value[key];
  return Array.isArray(found) ? (found as unknown[]) : [];
}

/** Null: none, or no text. */
export function textIn(value: Wire, key: string): string | null {
  const found = value[key];
  return typeof found === 'string' ? found : null;
}

/** A whole number of 0 or more, also as text; null: none. */
export function numberIn(value: Wire, key: string): number | null {
  const found = value[key];
  const number = typeof found === 'string' && /^\d{1,15}$/.test(found) ? Number(found) : found;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

/** Input takes 0 and 1 for false and true (tanium-api.md 2); null: none. */
export function flagIn(value: Wire, key: string): boolean | null {
  const found = value[key];
  if (found === true || found === 1 || found === '1' || found === 'true') return true;
  if (found === false || found === 0 || found === '0' || found === 'false') return false;
  return null;
}
