/** Content sets, computer groups, action group: found by their exact names, and never made (#31, #40, #68 to #70, #176). */
import type { DesiredContent, ObservedContent } from '../model/content.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { comparisonOf, type Judged, type Property } from './content-comparison.ts';
import { lookalikes, nearWords, quoted } from './content-names.ts';

/** The sets of objects that are still to be made; one that is there has a set that is there. */
export function judgeContentSets(names: readonly string[], { contentSets }: ObservedContent): Judged[] {
  return [...new Set(names)].toSorted().map((name) => {
    const comparison = comparisonOf('content-set', `content set ${quoted(name)}`, 'Administration → Content Sets');
    comparison.check({
      key: 'name',
      property: 'Name',
      ok: contentSets?.includes(name) === true,
      expected: name,
      actual: null,
      ...absenceOf('content set', name, contentSets, {
        severity: 'error',
        remedy:
          'Create it in Tanium: Administration → Content Sets, or name another one in TaniumContent.spec.contentSet.',
      }),
    });
    return comparison.end(contentSets === null ? 'unknown' : contentSets.includes(name) ? 'present' : 'missing');
  });
}

const rightOf = {
  'content set': 'Content Set - Read',
  'computer group': 'Computer Group - Read',
  'action group': 'Action Group - Read',
} as const;

/** What is said of a name that is not among `names`; null: the token may not see them, and nothing is known. */
function absenceOf(
  what: keyof typeof rightOf,
  name: string,
  names: readonly string[] | null,
  absent: Pick<Property, 'severity' | 'remedy'>,
): Pick<Property, 'severity' | 'message' | 'remedy'> {
  if (names === null) {
    return {
      severity: 'skipped',
      message: `The token may not see ${what}s: whether there is ${quoted(name)} is not known.`,
      remedy: `Grant the right "${rightOf[what]}" to the persona of the token, or look in the Tanium console.`,
    };
  }
  const near = nearWords(name, lookalikes(name, names));
  return { ...absent, message: `Tanium has no ${what} named ${quoted(name)}.${near}` };
}

type GroupOptions = Pick<IntegrationOptions, 'bulk_scan_enabled' | 'bulk_scan_group' | 'action_group_name'>;

/** Those that are declared, and the one of the bulk scan where that is enabled. */
export function judgeComputerGroups(
  { computerGroups: declared }: Pick<DesiredContent, 'computerGroups'>,
  options: GroupOptions,
  { computerGroups: found }: ObservedContent,
): Judged[] {
  const names = new Set(declared.map(({ name }) => name));
  if (options.bulk_scan_enabled) names.add(options.bulk_scan_group);
  return [...names].toSorted().map((name) => {
    const comparison = comparisonOf(
      'computer-group',
      `computer group ${quoted(name)}`,
      'Administration → Computer Groups',
    );
    const names = found?.map((group) => group.name) ?? null;
    const isThere = names?.includes(name) === true;
    comparison.check({
      key: 'name',
      property: 'Name',
      ok: isThere,
      expected: name,
      actual: lookalikes(name, names ?? [])[0] ?? null,
      ...absenceOf('computer group', name, names, {
        severity: 'error',
        remedy: 'Create it in Tanium: Administration → Computer Groups (Trueup makes none), or name another one.',
      }),
    });
    return comparison.end(found === null ? 'unknown' : isThere ? 'present' : 'missing');
  });
}

/** The stock group of nobody, the only one in "Default" since 7.1 (tanium-api.md 5). */
const noComputers = 'No Computers';

/** #92: only what acts needs it. */
export function judgeActionGroup(
  options: GroupOptions,
  { actionGroups: found }: ObservedContent,
  needed: boolean,
): Judged {
  const name = options.action_group_name;
  const comparison = comparisonOf(
    'action-group',
    `action group ${quoted(name)}`,
    'Administration → Actions → Action Groups',
  );
  const group = found?.find((one) => one.name === name);
  const names = found?.map((one) => one.name) ?? null;
  const severity = needed ? 'error' : 'info';
  comparison.check({
    key: 'name',
    property: 'Name',
    ok: group !== undefined,
    expected: name,
    actual: lookalikes(name, names ?? [])[0] ?? null,
    ...absenceOf('action group', name, names, {
      severity,
      remedy: 'Set options.action_group_name; on most servers it is "Default - All Computers", never "Default".',
    }),
  });
  if (group === undefined) return comparison.end(found === null ? 'unknown' : 'missing');
  comparison.check({
    key: 'groups',
    property: 'Computer Groups',
    ok: group.groups.length === 0 || group.groups.some((one) => one !== noComputers),
    severity,
    expected: 'a group with the devices',
    actual: noComputers,
    message: `Action group ${quoted(name)} holds no device but those of ${noComputers}: an action in it reaches nobody.`,
    remedy: 'Set options.action_group_name to one that has the devices, such as "Default - All Computers".',
  });
  return comparison.end('present');
}
