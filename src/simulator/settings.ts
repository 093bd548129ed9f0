/** How this tenant is set up, as `POST /_sim/settings` changes it: what a test needs that the API cannot make. */
import { TrueupError } from '../errors.ts';
import { isRight, type Right, rights } from './api/rights.ts';
import { isRecord, type Wire } from './http/fields.ts';

export const settingKeys = {
  rights:
    'by persona id (0: the one of the first token), the rights that it has; null: all. A request without its right is answered with 403',
  expireTokenAfter: 'the token of the next request expires, for good, after so many more requests; null: none does',
} as const;

export interface Settings {
  /** By persona; one that is not here has every right. */
  rights: ReadonlyMap<number, ReadonlySet<Right>>;
  /** Requests until the token that is used expires; null: none does. */
  expireTokenAfter: number | null;
}

export function defaultSettings(): Settings {
  return { rights: new Map(), expireTokenAfter: null };
}

export function mayPersona({ rights: limits }: Settings, persona: number, right: Right): boolean {
  return limits.get(persona)?.has(right) ?? true;
}

export function rightsOf({ rights: limits }: Settings, persona: number): readonly Right[] {
  return rights.filter((right) => limits.get(persona)?.has(right) ?? true);
}

/** Keys that are left out stay as they are. @throws TRUEUP_SIMULATOR, naming what of the body is not to be read */
export function changeSettings(settings: Settings, body: Wire): void {
  for (const key of Object.keys(body)) {
    if (!Object.hasOwn(settingKeys, key)) {
      throw wrong(`unknown key ${key}; there are ${Object.keys(settingKeys).join(', ')}`);
    }
  }
  const { rights: limits, expireTokenAfter: after } = body;
  const changed = limits === undefined ? settings.rights : rightsIn(limits);
  if (after !== undefined && after !== null && !(Number.isSafeInteger(after) && Number(after) >= 0)) {
    throw wrong('expireTokenAfter is a whole number of 0 or more, or null');
  }
  settings.rights = changed;
  if (after !== undefined) settings.expireTokenAfter = after === null ? null : Number(after);
}

function rightsIn(value: unknown): ReadonlyMap<number, ReadonlySet<Right>> {
  if (value === null) return new Map();
  if (!isRecord(value)) throw wrong('rights is an object of lists, by persona id');
  return new Map(
    Object.entries(value).map(([persona, names]): [number, ReadonlySet<Right>] => {
      if (!/^\d+$/.test(persona)) throw wrong(`${persona} is no persona id`);
      if (!Array.isArray(names)) throw wrong(`the rights of persona ${persona} are a list`);
      const list = (names as unknown[]).map((name) => {
        if (typeof name === 'string' && isRight(name)) return name;
        throw wrong(`unknown right ${String(name)}; there are ${rights.join(', ')}`);
      });
      return [Number(persona), new Set(list)];
    }),
  );
}

function wrong(message: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', message);
}
