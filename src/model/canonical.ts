/** JSON with sorted keys: equal values give equal bytes, however they were put together. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (isMap(part) ? sortedByKey(part) : part));
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(map: Record<string, unknown>): Record<string, unknown> {
  const sorted: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const key of Object.keys(map).toSorted()) sorted[key] = map[key];
  return sorted;
}
