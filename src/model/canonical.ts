/** JSON with sorted keys: equal values give equal bytes, however they were put together. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(canonical(value));
}

/** A list without maps in it stays itself: nearly all of a large plan are lists of names. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.some(isObject) ? value.map(canonical) : value;
  return isMap(value) ? sortedByKey(value) : value;
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(map: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(map).toSorted()) sorted[key] = canonical(map[key]);
  return sorted;
}
