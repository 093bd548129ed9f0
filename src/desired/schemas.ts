/** The JSON Schemas of the documents: one file a kind in `schemas/`, and `common.schema.json` with what they share. */
import { readFileSync } from 'node:fs';
import type { Kind } from '../model/desired.ts';

/** A JSON Schema, 2020-12, as far as this room looks into one. */
export interface Schema {
  readonly $schema?: string;
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
}

const fileOf: Readonly<Record<Kind, string>> = {
  EdrProvider: 'edr-provider',
  TaniumContent: 'tanium-content',
  ComputerPolicy: 'computer-policy',
  LocalGroupMembership: 'local-group-membership',
  LocalAccount: 'local-account',
  PasswordRotationPolicy: 'password-rotation-policy',
  ComplianceBaseline: 'compliance-baseline',
  AccessGrant: 'access-grant',
  Rollout: 'rollout',
  Exclusion: 'exclusion',
};

export const kinds: readonly Kind[] = Object.keys(fileOf) as Kind[];

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const commonFile = 'common.schema.json';
const loaded = new Map<string, Schema>();

/** As the file has it: references to the common file are not followed. */
export function rawSchema(kind: Kind): Schema {
  return load(`${fileOf[kind]}.schema.json`);
}

export function commonSchema(): Schema {
  return load(commonFile);
}

/** `schemas/` lies beside `src/` and beside `dist/`, and both have this file in `desired/`. */
function load(file: string): Schema {
  const known = loaded.get(file);
  if (known !== undefined) return known;
  const schema = JSON.parse(readFileSync(new URL(`../../schemas/${file}`, import.meta.url), 'utf8')) as Schema;
  loaded.set(file, schema);
  return schema;
}

/** One self-contained schema of a kind, with the shared definitions that it uses. */
export function schemaOf(kind: Kind): Schema {
  const own = withLocalReferences(rawSchema(kind));
  return { ...own, $defs: sortedByKey({ ...own.$defs, ...sharedBy([own]) }) };
}

/** One self-contained schema for a document of any kind, as editors want it. */
export function schemaOfAll(): Schema {
  const own = kinds.map((kind) => withLocalReferences(rawSchema(kind)));
  const definitions: Record<string, Schema> = { ...sharedBy(own) };
  for (const { $schema: _, $defs, ...schema } of own) {
    Object.assign(definitions, $defs, { [schema.title ?? '']: schema });
  }
  return {
    $schema: dialect,
    title: 'Trueup document',
    description: 'One document of a Trueup configuration; its kind decides what it declares.',
    oneOf: kinds.map((kind) => ({ $ref: `#/$defs/${kind}` })),
    $defs: sortedByKey(definitions),
  };
}

/** Definitions of the common file that these schemas refer to, and those that they refer to in turn. */
function sharedBy(schemas: readonly Schema[]): Record<string, Schema> {
  const shared = withLocalReferences(commonSchema()).$defs ?? {};
  const used: Record<string, Schema> = {};
  const waiting: unknown[] = [...schemas];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (typeof part !== 'object' || part === null) continue;
    for (const [key, value] of Object.entries(part)) {
      const name = key === '$ref' ? definitionNamed(value) : null;
      const definition = name === null ? undefined : shared[name];
      if (name !== null && definition !== undefined && used[name] === undefined) {
        used[name] = definition;
        waiting.push(definition);
      }
      waiting.push(value);
    }
  }
  return used;
}

function definitionNamed(reference: unknown): string | null {
  return typeof reference === 'string' ? (/^#\/\$defs\/([^/]+)/.exec(reference)?.[1] ?? null) : null;
}

function withLocalReferences(schema: Schema): Schema {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === '$ref' && typeof value === 'string' ? value.replace(commonFile, '') : value,
    ),
  ) as Schema;
}

/** Formats that any validator of 2020-12 knows; the others are Trueup's own. */
const standardFormats: ReadonlySet<string> = new Set(['date-time']);

/** For other programs: without the formats that only Trueup knows; their patterns stay. */
export function withoutOwnFormats(schema: Schema): Schema {
  return JSON.parse(
    JSON.stringify(schema, (key, value: unknown) =>
      key === 'format' && typeof value === 'string' && !standardFormats.has(value) ? undefined : value,
    ),
  ) as Schema;
}

function sortedByKey(map: Record<string, Schema>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
