/** `docs/kinds.md`: every field of every kind, from the schemas' own descriptions. */
import { stringify } from 'yaml';
import { kinds, type Schema, schemaOfAll } from '../../src/desired/schemas.ts';
import { cell, code, generatedNote, table } from './markdown.ts';
import { targetOf } from './types.ts';

/** Told once, in a section of its own. */
const sections: Readonly<Record<string, string>> = {
  selector: 'Selectors',
  secretReference: 'Secret references',
  window: 'Windows of time',
};

export function kindsPage(): string {
  const all = schemaOfAll();
  const definition = (name: string): Schema => targetOf(`#/$defs/${name}`, all);
  const ofKinds = kinds.map((kind) => {
    const schema = definition(kind);
    return [
      `## ${kind}`,
      schema.description ?? '',
      fieldsOf(schema.properties?.['spec'] ?? {}, all, 'spec'),
      `\`\`\`yaml\n${exampleOf(schema)}\n\`\`\``,
    ].join('\n\n');
  });
  const shared = Object.entries(sections).map(([name, title]) => {
    const schema = definition(name);
    return [`## ${title}`, schema.description ?? '', fieldsOf(schema, all, '')].join('\n\n');
  });
  return `# Kinds of documents

${generatedNote}

A configuration is any number of YAML files, each of one or more documents that \`---\` lines part. Every document has
\`apiVersion: trueup/v1\`, a \`kind\`, \`metadata\` with a \`name\` that is unique among its kind, and a \`spec\`. Keys that no
table below knows are errors. \`trueup schema KIND\` prints the JSON Schema of a kind, \`trueup schema\` one for all.

Where several policies select a device, the one of the highest \`priority\` decides, field by field. Policies of equal
priority must not say different things of one field, and no principal may be declared both in and out of a group, on
devices that may be the same. Selectors count as overlapping unless the contrary can be proven: both name an attribute
and no value fits a pattern of each, or one excludes all that the other selects. Tanium groups may share devices, a name
is compared with and without its domain, and a regular expression may match anything but a value that it plainly does
not.

${table(['field', 'type', 'required', 'default', 'meaning'], rowsOf(definition('metadata'), all, 'metadata'))}

${[...ofKinds, ...shared].join('\n\n')}
`;
}

function fieldsOf(schema: Schema, all: Schema, path: string): string {
  return table(['field', 'type', 'required', 'default', 'meaning'], rowsOf(schema, all, path));
}

function rowsOf(holder: Schema, all: Schema, path: string): string[][] {
  const rows: string[][] = [];
  for (const [name, given] of Object.entries(holder.properties ?? {})) {
    const field = path === '' ? name : `${path}.${name}`;
    const schema = followed(given, all);
    const required = holder.required?.includes(name) === true ? 'yes' : '';
    const standard = schema.default === undefined || typeof schema.default === 'object' ? '' : code(schema.default);
    rows.push([code(field), typeOf(given, schema), required, standard, cell(schema.description ?? '')]);
    if (sectionOf(given) !== null) continue;
    if (schema.properties !== undefined && !typesOf(schema).includes('array')) rows.push(...rowsOf(schema, all, field));
    const items = schema.items === undefined ? undefined : followed(schema.items, all);
    if (items?.properties !== undefined && sectionOf(schema.items ?? {}) === null)
      rows.push(...rowsOf(items, all, `${field}[]`));
  }
  return rows;
}

/** What stands beside a reference goes before what it refers to. */
function followed(schema: Schema, all: Schema): Schema {
  const { $ref, ...own } = schema;
  return $ref === undefined ? schema : { ...followed(targetOf($ref, all), all), ...own };
}

function sectionOf({ $ref }: Schema): string | null {
  const name = $ref?.slice($ref.lastIndexOf('/') + 1) ?? '';
  return sections[name] ?? null;
}

function typesOf({ type }: Schema): readonly string[] {
  return typeof type === 'string' ? [type] : (type ?? []);
}

function typeOf(given: Schema, schema: Schema): string {
  const section = sectionOf(given) ?? sectionOf(schema.items ?? {});
  if (section !== null) {
    const link = `[${section.toLowerCase()}](#${section.toLowerCase().replaceAll(' ', '-')})`;
    return schema.items === undefined ? link : `list of ${link}`;
  }
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  return typesOf(schema).map(wordOf).join(' or ') + limitsOf(schema);
}

function wordOf(type: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    integer: 'whole number',
    boolean: 'true or false',
    array: 'list',
    object: 'mapping',
  };
  return words[type] ?? type;
}

function limitsOf({ minimum, maximum, maxLength }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return maxLength === undefined ? '' : `, at most ${maxLength} characters`;
}

function exampleOf({ examples }: Schema): string {
  return stringify(examples?.[0]).trimEnd();
}
