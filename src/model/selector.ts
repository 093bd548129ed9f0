/** A glob (`SRV-*`, `?`) or `/regex/`, compiled; both ignore case, as Windows does with names. */
export interface Pattern {
  readonly source: string;
  readonly test: (value: string) => boolean;
}

/** What a selector can look at. Null: the source of the records does not know it. */
export interface DeviceAttributes {
  /** The Computer Name as Tanium says it, often fully qualified. */
  readonly name: string;
  readonly domain: string | null;
  /** Distinguished name of the organisational unit or of the computer. */
  readonly ou: string | null;
  readonly os: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taniumGroups: readonly string[];
  /** Seconds since the device became a computer; 0 for one that is not enrolled yet. */
  readonly insertedSecondsAgo: number | null;
}

/** All conditions hold (and); within one, any pattern (or). An empty selector selects every device. */
export interface Selector {
  readonly name?: readonly Pattern[];
  readonly domain?: readonly Pattern[];
  readonly ou?: readonly Pattern[];
  readonly os?: readonly Pattern[];
  readonly labels?: Readonly<Record<string, readonly Pattern[]>>;
  readonly taniumGroup?: readonly string[];
  readonly insertedWithinSeconds?: number;
  readonly exclude?: readonly Selector[];
}

/** `SRV-1` of `SRV-1.corp.example`. */
export function shortName(name: string): string {
  const dot = name.indexOf('.');
  return dot === -1 ? name : name.slice(0, dot);
}

export function selects(selector: Selector, device: DeviceAttributes): boolean {
  if (selector.name && !anyOf(selector.name, device.name) && !anyOf(selector.name, shortName(device.name)))
    return false;
  if (selector.domain && !anyOf(selector.domain, device.domain)) return false;
  if (selector.ou && !anyOf(selector.ou, device.ou)) return false;
  if (selector.os && !anyOf(selector.os, device.os)) return false;
  if (selector.labels && !hasLabels(selector.labels, device)) return false;
  if (selector.taniumGroup && !selector.taniumGroup.some((group) => device.taniumGroups.includes(group))) return false;
  if (selector.insertedWithinSeconds !== undefined) {
    if (device.insertedSecondsAgo === null || device.insertedSecondsAgo > selector.insertedWithinSeconds) return false;
  }
  return !selector.exclude?.some((excluded) => selects(excluded, device));
}

function hasLabels(wanted: NonNullable<Selector['labels']>, { labels }: DeviceAttributes): boolean {
  return Object.entries(wanted).every(([label, patterns]) =>
    anyOf(patterns, Object.hasOwn(labels, label) ? (labels[label] ?? null) : null),
  );
}

function anyOf(patterns: readonly Pattern[], value: string | null): boolean {
  return value !== null && patterns.some((pattern) => pattern.test(value));
}
