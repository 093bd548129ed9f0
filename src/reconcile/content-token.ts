/** The API token: when it ends, and what it may do beside what it needs (#71 to #74). Never the token itself. */
import type {
  DesiredContent,
  DesiredToken,
  ObservedContent,
  ObservedPersona,
  ObservedToken,
  TaniumRight,
} from '../model/content.ts';
import { daysLeft } from '../model/moment.ts';
import { compareText } from '../model/sid.ts';
import { type Comparison, comparisonOf, type Judged } from './content-comparison.ts';
import { quoted } from './content-names.ts';

export interface ExpectedToken {
  readonly desired: DesiredToken;
  /** ISO time or day until which the configuration says that it holds; null: it does not say. */
  readonly declaredEnd: string | null;
  readonly needed: readonly TaniumRight[];
  /** ISO time. */
  readonly now: string;
}

export function judgeToken(
  expected: ExpectedToken,
  { tokens, persona }: Pick<ObservedContent, 'tokens' | 'persona'>,
): Judged {
  const { desired } = expected;
  const title = desired.name === null ? 'API token' : `API token ${quoted(desired.name)}`;
  const comparison = comparisonOf('token', title, 'Administration → Permissions → API Tokens');
  const token = tokens === null ? null : tokenInUse(tokens, persona, desired.name);
  if (tokens !== null && token === null) {
    comparison.check({
      key: 'name',
      property: 'Name',
      ok: false,
      severity: 'warning',
      expected: desired.name,
      actual: null,
      message: `${title} is not among the tokens that Tanium lists for its user.`,
      remedy: 'Set TaniumContent.spec.apiToken.name to the name of the token that apiKey points to.',
    });
  }
  if (tokens === null || token !== null) checkEnd(comparison, title, expected, token);
  checkRights(comparison, expected, persona);
  return comparison.end(token === null && tokens === null ? 'unknown' : token === null ? 'missing' : 'present');
}

/**
 * Tanium does not say which token asks. It is one of the user, of the declared name, and the one that was used last:
 * this very request used it.
 */
export function tokenInUse(
  tokens: readonly ObservedToken[],
  persona: Pick<ObservedPersona, 'userId'> | null,
  name: string | null,
): ObservedToken | null {
  const own = tokens.filter(
    (token) => (persona === null || token.userId === persona.userId) && (name === null || token.name === name),
  );
  const used = own.toSorted((a, b) => compareText(b.lastUsedAt ?? '', a.lastUsedAt ?? '') || b.id - a.id);
  return used[0] ?? null;
}

/** #73: a token lives 7 days unless it was made for longer (tanium-api.md 1). */
function checkEnd(comparison: Comparison, title: string, expected: ExpectedToken, token: ObservedToken | null): void {
  const { desired, declaredEnd, now } = expected;
  const end = token?.expiresAt ?? declaredEnd;
  if (end === null) {
    comparison.check({
      key: 'expiration',
      property: 'Expiration',
      ok: false,
      severity: 'skipped',
      expected: null,
      actual: null,
      message: `When the ${title} ends is not known: the token may not see the list of tokens, and the configuration does not say.`,
      remedy: 'Grant "Token - Read" to its persona, or declare EdrProvider.spec.apiKeyExpires.',
    });
    return;
  }
  const left = daysLeft(end, Date.parse(now));
  const renew = 'Run `trueup token rotate`, or make a new token in Tanium and set it where apiKey points.';
  const about =
    left < 0
      ? `The ${title} has ended: it held until ${end}.`
      : `The ${title} ends in ${left === 1 ? '1 day' : `${left} days`}, ${end}.`;
  comparison.check({
    key: 'expiration',
    property: 'Expiration',
    ok: left >= desired.warnDays,
    severity: left < 0 ? 'error' : 'warning',
    expected: `${desired.warnDays} days or more`,
    actual: left < 0 ? 'ended' : `${left} days`,
    message: about,
    remedy: renew,
  });
}

/** #72: missing ones stop the integration, those too many are a risk for whoever gets hold of the token. */
function checkRights(comparison: Comparison, expected: ExpectedToken, persona: ObservedPersona | null): void {
  const { needed, desired } = expected;
  if (persona === null) {
    comparison.check({
      key: 'rights',
      property: 'Permissions',
      ok: false,
      severity: 'skipped',
      expected: needed.join(', '),
      actual: null,
      message: 'Tanium does not tell what the persona of the token may do.',
      remedy: `Compare in Tanium: Administration → Permissions → Personas. It needs: ${needed.join(', ')}.`,
    });
    return;
  }
  const held = new Set(persona.privileges.map(({ name }) => rightKey(name)));
  for (const right of needed) {
    comparison.check({
      key: `rights.${right.replaceAll(/\W+/g, '')}`,
      property: 'Permissions',
      ok: held.has(rightKey(right)),
      severity: 'error',
      expected: right,
      actual: null,
      message: `The persona of the token (${persona.user}) lacks the right ${quoted(right)}.`,
      remedy: `Grant the right "${right}" to the persona of the token.`,
    });
  }
  const fine = new Set([...needed, ...optional].map(rightKey));
  const excess = persona.privileges.map(({ name }) => name).filter((name) => !fine.has(rightKey(name)));
  const shown = excess.slice(0, mostShown).join(', ');
  const more = excess.length > mostShown ? ` and ${excess.length - mostShown} more` : '';
  comparison.check({
    key: 'rights.excess',
    property: 'Permissions',
    ok: excess.length === 0,
    severity: desired.minimumRights ? 'warning' : 'info',
    expected: needed.join(', '),
    actual: `${persona.privileges.length} rights`,
    message: `The persona of the token has ${excess.length === 1 ? 'a right' : `${excess.length} rights`} that the configuration does not use: ${shown}${more}.`,
    remedy: `Make a persona with ${needed.join(', ')}, and a token of it.`,
  });
}

const mostShown = 8;

/** `Sensor - Read`, `Read Sensor` and `sensor read` are one. */
function rightKey(name: string): string {
  const words = name.toLowerCase().match(/[a-z]+/g) ?? [];
  const plain = words.filter((word) => word !== 'dynamic').map((word) => (word === 'questions' ? 'question' : word));
  return plain.toSorted().join(' ');
}

/** With these it tells more, and without them it works: lists that a look reads, and `trueup token`. */
const optional: readonly TaniumRight[] = ['Content Set - Read', 'Token - Read', 'Token - Write'];

/** What the configuration uses, in the words of Tanium's console. `targetGroups`: for actions of many devices. */
export function rightsNeeded(
  { manage, needsPackage, computerGroups }: Pick<DesiredContent, 'manage' | 'needsPackage' | 'computerGroups'>,
  uses: { readonly computerGroups: boolean; readonly targetGroups: boolean },
): readonly TaniumRight[] {
  const rights: TaniumRight[] = ['Question - Ask', 'Sensor - Read', 'Token - Use'];
  if (uses.computerGroups || computerGroups.length > 0) rights.push('Computer Group - Read');
  if (needsPackage && uses.targetGroups) rights.push('Computer Group - Read', 'Computer Group - Write');
  if (needsPackage) rights.push('Package - Read', 'Action - Read', 'Action - Write', 'Action Group - Read');
  if (manage !== 'report') rights.push('Package - Read', 'Package - Write', 'Sensor - Write');
  return [...new Set(rights)].toSorted();
}
