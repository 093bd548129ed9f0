/** What a fleet file says of a machine beside its accounts and groups, in the spelling of the scripts' seam functions. */
import { quietSurroundings, type Surroundings } from '../windows/state.ts';
import type { YamlNode } from './yaml.ts';

export const surroundingKeys: readonly (keyof Surroundings)[] = [
  'policy',
  'registry',
  'cim',
  'tasks',
  'pools',
  'events',
  'files',
  'deny',
  'slow',
  'broken',
  'refuse',
];

/** What the file does not say is as on a machine on which nothing is out of the ordinary. */
export function surroundingsFrom(fields: ReadonlyMap<string, YamlNode>): Surroundings {
  return {
    policy: mapping(fields, 'policy'),
    registry: mapping(fields, 'registry'),
    cim: mapping(fields, 'cim'),
    tasks: rows(fields, 'tasks', ['Path', 'UserId']),
    pools: rows(fields, 'pools', ['Name', 'User']),
    events: fields.get('events')?.list().map(eventFrom) ?? quietSurroundings.events,
    files: mapping(fields, 'files'),
    deny: names(fields, 'deny'),
    slow: names(fields, 'slow'),
    broken: names(fields, 'broken'),
    refuse: fields.get('refuse')?.integer(0, 1000) ?? 0,
  };
}

function mapping<K extends 'policy' | 'registry' | 'cim' | 'files'>(
  fields: ReadonlyMap<string, YamlNode>,
  key: K,
): Surroundings[K] {
  const node = fields.get(key);
  if (node === undefined) return quietSurroundings[key];
  const value = node.json();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return node.fail('expected a mapping');
  return value as Surroundings[K];
}

function rows<K extends string>(
  fields: ReadonlyMap<string, YamlNode>,
  key: 'tasks' | 'pools',
  columns: readonly K[],
): readonly Readonly<Record<K, string>>[] {
  return (fields.get(key)?.list() ?? []).map((row) => {
    const cells = row.map(columns);
    const entries = columns.map((name) => [name, (cells.get(name) ?? row.fail(`${name} is missing`)).text()]);
    return Object.fromEntries(entries) as Readonly<Record<K, string>>;
  });
}

function eventFrom(node: YamlNode): Surroundings['events'][number] {
  const fields = node.map(['id', 'time', 'data'] as const);
  const of = (key: 'id' | 'time' | 'data'): YamlNode => fields.get(key) ?? node.fail(`${key} is missing`);
  const time = of('time').text();
  if (Number.isNaN(Date.parse(time))) of('time').fail('expected a time, as 2026-03-02T08:00:00Z in quotes');
  return { id: of('id').integer(1, 65_535), time, data: of('data').json() as Readonly<Record<string, string>> };
}

function names(fields: ReadonlyMap<string, YamlNode>, key: 'deny' | 'slow' | 'broken'): readonly string[] {
  return (
    fields
      .get(key)
      ?.list()
      .map((node) => node.text()) ?? []
  );
}
