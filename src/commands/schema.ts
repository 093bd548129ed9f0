/** `trueup schema [KIND]`: the JSON Schema of one kind, or of all, for editors and other validators. */
import { nearNames } from '../desired/near.ts';
import { kinds, schemaOf, schemaOfAll, withoutOwnFormats } from '../desired/schemas.ts';
import { TrueupError } from '../errors.ts';
import type { Io } from './io.ts';

/** `kind` in any case; undefined: one schema for documents of every kind. Throws TRUEUP_USAGE. */
export async function schema(kind: string | undefined, io: Io): Promise<number> {
  io.out(
    `${JSON.stringify(withoutOwnFormats(kind === undefined ? schemaOfAll() : schemaOf(kindNamed(kind))), null, 2)}\n`,
  );
  return 0;
}

function kindNamed(name: string): (typeof kinds)[number] {
  const found = kinds.find((kind) => kind.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const near = nearNames(name, kinds);
  const hint = near.length === 0 ? `Kinds are ${kinds.join(', ')}.` : `Did you mean ${near.join(' or ')}?`;
  throw new TrueupError('TRUEUP_USAGE', `There is no kind ${JSON.stringify(name)}. ${hint}`);
}
