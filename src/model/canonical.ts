/** JSON with sorted keys: equal values give equal bytes, however they were put together. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** A list without maps in it stays itself: nearly all of a large plan are lists of names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return hasObject(value) ? value.map(canonical) : value;
  return isMap(value) ? sortedByKey(value) : value;
}

/** Names that are spelled at a time. */
const mostAtOnce = 10_000;

/**
 * The same text in parts, for a plan of a million devices is longer than what should be held at once: each list without
 * maps in it comes in pieces.
 */
export function* canonicalParts(value: unknown): Generator<string> {
  if (Array.isArray(value)) yield* partsOfList(value);
  else if (isMap(value)) yield* partsOfMap(value);
  else yield JSON.stringify(value);
}

function* partsOfList(list: readonly unknown[]): Generator<string> {
  yield '[';
  for (let start = 0; start < list.length; start += mostAtOnce) {
    const some = list.slice(start, start + mostAtOnce);
    if (start > 0) yield ',';
    if (!hasObject(some)) yield JSON.stringify(some).slice(1, -1);
    else {
      for (const [index, part] of some.entries()) {
        if (index > 0) yield ',';
        yield* canonicalParts(part ?? null);
      }
    }
  }
  yield ']';
}

function* partsOfMap(map: Record<string, unknown>): Generator<string> {
  let before = '{';
  for (const [key, part] of Object.entries(sortedKeys(map))) {
    if (part === undefined) continue;
    yield `${before}${JSON.stringify(key)}:`;
    yield* canonicalParts(part);
    before = ',';
  }
  yield before === '{' ? '{}' : '}';
}

function hasObject(list: readonly unknown[]): boolean {
  for (const value of list) if (typeof value === 'object' && value !== null) return true;
  return false;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(map: Record<string, unknown>): Record<string, unknown> {
  const sorted = sortedKeys(map);
  for (const key of Object.keys(sorted)) sorted[key] = canonical(sorted[key]);
  return sorted;
}

/** Keys that are numbers come first, as JavaScript has it. */
function sortedKeys(map: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(map).toSorted()) sorted[key] = map[key];
  return sorted;
}
