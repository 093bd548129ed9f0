/** Content sets, computer groups, action group: found by their exact names, and never made (#31, #40, #68 to #70, #176). */
import type { DesiredContent, ObservedContent } from '../model/content.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { comparisonOf, type Judged } from './content-comparison.ts';
import { lookalikes, nearWords, quoted } from './content-names.ts';

/** The sets of objects that are still to be made; one that is there has a set that is there. */
export function judgeContentSets(names: readonly string[], { contentSets }: ObservedContent): Judged[] {
  return [...new Set(names)].toSorted().map((name) => {
    const comparison = comparisonOf('content-set', `content set ${quoted(name)}`, 'Administration → Content Sets');
    comparison.check({
      key: 'name',
      property: 'Name',
      ok: contentSets?.includes(name) === true,
      severity: contentSets === null ? 'skipped' : 'error',
      expected: name,
      actual: null,
      message:
        contentSets === null
          ? `The token may not see content sets: whether there is ${quoted(name)} is not known.`
          : `Tanium has no content set named ${quoted(name)}.${nearWords(name, lookalikes(name, contentSets))}`,
      remedy:
        contentSets === null
          ? grant('Content Set - Read')
          : 'Create it in Tanium: Administration → Content Sets, or name another one in TaniumContent.spec.contentSet.',
    });
    return comparison.end(contentSets === null ? 'unknown' : contentSets.includes(name) ? 'present' : 'missing');
  });
}

function grant(right: string): string {
  return `Grant the right "${right}" to the persona of the token, or look in the Tanium console.`;
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
    const isThere = found?.some((group) => group.name === name) === true;
    const near = lookalikes(name, found?.map((group) => group.name) ?? []);
    comparison.check({
      key: 'name',
      property: 'Name',
      ok: isThere,
      severity: found === null ? 'skipped' : 'error',
      expected: name,
      actual: near[0] ?? null,
      message:
        found === null
          ? `The token may not see computer groups: whether there is ${quoted(name)} is not known.`
          : `Tanium has no computer group named ${quoted(name)}.${nearWords(name, near)}`,
      remedy:
        found === null
          ? grant('Computer Group - Read')
          : 'Create it in Tanium: Administration → Computer Groups (Trueup makes none), or name another one.',
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
  const near = lookalikes(name, found?.map((one) => one.name) ?? []);
  const severity = found === null ? 'skipped' : needed ? 'error' : 'info';
  comparison.check({
    key: 'name',
    property: 'Name',
    ok: group !== undefined,
    severity,
    expected: name,
    actual: near[0] ?? null,
    message:
      found === null
        ? `The token may not see action groups: whether there is ${quoted(name)} is not known.`
        : `Tanium has no action group named ${quoted(name)}.${nearWords(name, near)}`,
    remedy:
      found === null
        ? grant('Action Group - Read')
        : 'Set options.action_group_name; on most servers it is "Default - All Computers", never "Default".',
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
