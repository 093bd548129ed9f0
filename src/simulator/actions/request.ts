/** From the body of `POST /actions` to what is to be issued. */
import type { Cloud } from '../cloud.ts';
import type { Group } from '../content/groups.ts';
import { parametersFrom } from '../content/package-wire.ts';
import type { Package } from '../content/packages.ts';
import { Refusal } from '../http/failure.ts';
import { numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { existingGroup, inlineGroup } from '../questions/ask.ts';
import type { NewAction } from './action.ts';

/** @throws Refusal where a required part is missing or unknown; what is in a parameter nobody looks at */
export function actionFrom(cloud: Cloud, body: Wire, userId: number): Omit<NewAction, 'savedActionId'> {
  const spec = recordIn(body, 'package_spec');
  if (spec === null) throw new Refusal('ActionRequiresPackage');
  const actionGroup = actionGroupIn(cloud, body);
  const targetGroup = targetGroupIn(cloud, body);
  const source = packageIn(cloud, spec);
  const parameters = parametersFrom(spec);
  const tooLong = parameters.find(({ value }) => value.length > maxValue);
  if (tooLong)
    throw new Refusal('AddActionFailed', `The value of ${tooLong.key} is longer than ${maxValue} characters`);
  const derived = numberIn(spec, 'source_id') !== null || textIn(spec, 'source_name') !== null || parameters.length > 0;
  return {
    name: textIn(body, 'name') ?? source.wire.name,
    comment: textIn(body, 'comment') ?? '',
    priority: numberIn(body, 'priority') ?? 0,
    package: derived ? cloud.packages.derive(source, parameters) : source,
    actionGroup,
    targetGroup,
    userId,
    expireSeconds: numberIn(body, 'expire_seconds') ?? source.wire.expire_seconds,
    distributeSeconds: numberIn(body, 'distribute_seconds') ?? 0,
  };
}

/** Characters of a parameter's value (tanium-api.md 5). */
const maxValue = 8191;

/** With parameters by `source_id` or `source_name`, without by `id` or `name`. */
function packageIn(cloud: Cloud, spec: Wire): Package {
  const id = numberIn(spec, 'source_id') ?? numberIn(spec, 'id') ?? 0;
  const name = textIn(spec, 'source_name') ?? textIn(spec, 'name');
  const found = id > 0 ? cloud.packages.byId(id) : name === null ? undefined : cloud.packages.byName(name);
  if (!found) throw new Refusal('PackageNotFound');
  return found;
}

function actionGroupIn(cloud: Cloud, body: Wire): Group {
  const wire = recordIn(body, 'action_group');
  if (wire === null) throw new Refusal('AddActionFailed', 'action_group is required');
  const id = numberIn(wire, 'id') ?? 0;
  const found = id > 0 ? cloud.groups.byId(id) : cloud.groups.findAction(textIn(wire, 'name') ?? '');
  if (found?.type !== 1 || found.deleted) throw new Refusal('ActionGroupNotFound');
  return found;
}

/** `{id}`, `{name}`, `{text}` or a group object; its own group is made of the last two. */
function targetGroupIn(cloud: Cloud, body: Wire): Group | null {
  const wire = recordIn(body, 'target_group');
  if (wire === null) throw new Refusal('AddActionFailed', 'target_group is required');
  const existing = existingGroup(cloud, body, 'target_group');
  if (existing !== null) return existing;
  const filter = inlineGroup(cloud, wire);
  return filter === null ? null : cloud.groups.create({ name: '', filter });
}
