/** Content sets: which sensors and packages are seen together (tanium-api.md 2, 6). */
import { Refusal } from '../http/failure.ts';
import { numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';

export interface ContentSet {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

export interface ContentSets {
  all(): readonly ContentSet[];
  byId(id: number): ContentSet | undefined;
  byName(name: string): ContentSet | undefined;
  /** @throws Refusal */
  create(fields: Wire): ContentSet;
  /** The fields with their `content_set`, by name or id, as the server shows it. @throws Refusal where there is none */
  resolved(fields: Wire): Wire;
}

/** The content set of whatever names none. */
const defaultSet = 'Base';

export function openContentSets(): ContentSets {
  const sets: ContentSet[] = ['Reserved', defaultSet, 'Default Computer Groups'].map((name, index) => ({
    id: index + 1,
    name,
    description: '',
  }));
  const byId = (id: number): ContentSet | undefined => sets.find((set) => set.id === id);
  const byName = (name: string): ContentSet | undefined => sets.find((set) => set.name === name);
  return {
    all: () => sets,
    byId,
    byName,
    create: (fields) => {
      const name = textIn(fields, 'name') ?? '';
      if (name.trim() === '') throw new Refusal('TagNotFound', 'A content set requires a name');
      if (byName(name)) throw new Refusal('ContentSetNameNotUnique');
      const made = { id: sets.length + 1, name, description: textIn(fields, 'description') ?? '' };
      sets.push(made);
      return made;
    },
    resolved: (fields) => {
      const given = recordIn(fields, 'content_set');
      if (given === null) return fields;
      const found = byId(numberIn(given, 'id') ?? 0) ?? byName(textIn(given, 'name') ?? '');
      if (!found) throw new Refusal('ContentSetNotFound');
      return { ...fields, content_set: { id: found.id, name: found.name } };
    },
  };
}

/** As one is shown: `*_flag` of this type are numbers. */
export function contentSetWire({ id, name, description }: ContentSet): Wire {
  return { id, name, description, reserved_name: '', deleted_flag: 0 };
}
