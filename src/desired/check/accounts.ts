/** Each LocalAccount by itself. */
import { type DocumentOf, problemIn } from '../document.ts';
import { oneOf, shown } from '../shown.ts';
import type { Told } from './told.ts';

type Account = DocumentOf<'LocalAccount'>;

/** As Windows calls them where nobody has renamed them, in the language of most servers. */
const builtInNames: ReadonlySet<string> = new Set(['administrator', 'guest', 'defaultaccount', 'wdagutilityaccount']);

/** #6 */
export function checkAccount(document: Account, { errors }: Told): void {
  const { spec } = document.value;
  if (spec.ensure !== 'absent') return;
  if (spec.builtin !== undefined) {
    const message = 'The built-in Administrator (RID 500) cannot be deleted; declare enabled: false instead.';
    errors.push(problemIn(document, 'TRUEUP_BUILT_IN', spec, 'ensure', message));
  } else if (spec.name !== undefined && builtInNames.has(spec.name.toLowerCase())) {
    const message = `${shown(spec.name)} is a built-in account of Windows, which cannot be deleted.`;
    errors.push(problemIn(document, 'TRUEUP_BUILT_IN', spec, 'ensure', message));
  }
  const properties = Object.keys(spec).filter((key) => !identity.has(key));
  if (properties.length === 0) return;
  const message = `An account that is absent has no ${oneOf(properties)}.`;
  errors.push(problemIn(document, 'TRUEUP_KEY_COMBINATION', spec, 'ensure', message));
}

const identity: ReadonlySet<string> = new Set(['selector', 'priority', 'name', 'builtin', 'ensure']);
