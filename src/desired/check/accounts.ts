/** Each LocalAccount and each PasswordRotationPolicy by itself. */
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { oneOf, shown } from '../shown.ts';
import { checkWindows } from './schedule.ts';
import type { Told } from './told.ts';

type Account = DocumentOf<'LocalAccount'>;
type Rotation = DocumentOf<'PasswordRotationPolicy'>;

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

const longestPassword = 127;

/** Of each class of characters; the single quote is none, as in NPS-D (npsd-domain.md 1.4). */
const classes = [
  { key: 'minDigits', word: 'digit', characters: '0123456789' },
  { key: 'minUppercase', word: 'capital letter', characters: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ' },
  { key: 'minLowercase', word: 'small letter', characters: 'abcdefghijklmnopqrstuvwxyz' },
  { key: 'minSpecial', word: 'special character', characters: '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~' },
] as const;
/** The schema's default of each minimum. */
const defaultMinimum = 3;

export function checkRotation(document: Rotation, told: Told): void {
  const { spec } = document.value;
  checkComplexity(document, told);
  checkWindows(document, spec.windows, told);
  const first = new Map<string, object>();
  for (const account of spec.accounts) {
    const key = account.builtin ?? (account.name ?? '').toLowerCase();
    const other = first.get(account.builtin === undefined ? `name ${key}` : 'builtin');
    first.set(account.builtin === undefined ? `name ${key}` : 'builtin', account);
    if (other === undefined) continue;
    const message = `${shown(key)} stands here twice, at ${spot(document.file, document.places.of(other))} too.`;
    told.warnings.push(
      problemIn(document, 'TRUEUP_MEMBER_TWICE', account, account.builtin ? 'builtin' : 'name', message),
    );
  }
}

function checkComplexity(document: Rotation, { errors }: Told): void {
  const { complexity } = document.value.spec;
  if (complexity === undefined) return;
  const { excludeChars = '' } = complexity;
  let sum = 0;
  let left = 0;
  for (const { key, word, characters } of classes) {
    const least = complexity[key] ?? defaultMinimum;
    const kinds = Array.from(characters).filter((character) => !excludeChars.includes(character)).length;
    sum += least;
    left += kinds;
    if (least === 0 || kinds > 0) continue;
    const message = `No password has ${least} ${word}${least === 1 ? '' : 's'} when excludeChars leaves out all of them.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, 'excludeChars', message));
  }
  const { spec } = document.value;
  if (sum > longestPassword) {
    const message = `The minima come to ${sum} characters, and Windows takes at most ${longestPassword}.`;
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', spec, 'complexity', message));
  }
  if (left === 0 && sum === 0) {
    const message = 'excludeChars leaves no character to make a password of.';
    errors.push(problemIn(document, 'TRUEUP_PASSWORD_IMPOSSIBLE', complexity, 'excludeChars', message));
  }
}
