/** `/action_groups`: which computers an action may reach at all. */
import type { Cloud } from '../cloud.ts';
import { type ActionGroup, actionGroupOf, type Group } from '../content/groups.ts';
import { bodyOf, type Call, data, idIn, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, isRecord, listIn, textIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import { plainList } from './lists.ts';

export function actionGroupRoutes(cloud: Cloud): readonly Route[] {
  const { groups } = cloud;
  const shown = (): readonly Group[] => groups.named().filter(({ type }) => type === 1);

  function found(group: Group | undefined): Group {
    if (group?.type !== 1 || group.deleted) throw new Refusal('ActionGroupNotFound');
    return group;
  }

  function membersIn(body: Wire, old: ActionGroup | null): ActionGroup {
    if (!('groups' in body) && old) return { ...old, andFlag: flagIn(body, 'and_flag') ?? old.andFlag };
    const members = listIn(body, 'groups')
      .filter(isRecord)
      .map((wire) => {
        const group = groups.reference(wire);
        if (!group || group.deleted) throw new Refusal('GroupNotFound');
        return group;
      });
    return actionGroupOf(members, (flagIn(body, 'and_flag') ?? false) && members.length > 0);
  }

  function create(call: Call): Reply {
    const body = bodyOf(call);
    const name = textIn(body, 'name') ?? '';
    if (name.trim() === '' || groups.findAction(name)) throw new Refusal('ActionGroupNameInvalid');
    return data(actionGroupWire(groups.createAction(name, membersIn(body, null), call.session.user.id)));
  }

  /** A changed action group is a new one: the old id is given up (tanium-api.md 2). */
  function change(call: Call, group: Group): Reply {
    if (group.reserved) throw new Refusal('CannotUpdateOrDeleteReservedGroup');
    const body = bodyOf(call);
    const name = textIn(body, 'name') ?? group.name;
    if (name !== group.name && groups.findAction(name)) throw new Refusal('ActionGroupNameInvalid');
    const members = membersIn(body, group.action);
    group.deleted = true;
    return data(actionGroupWire(groups.createAction(name, members, call.session.user.id)));
  }

  function remove(group: Group): Reply {
    if (group.reserved) throw new Refusal('CannotUpdateOrDeleteReservedGroup');
    group.deleted = true;
    return data(actionGroupWire(group));
  }

  const byId = (call: Call): Group => found(groups.byId(idIn(call)));
  const byName = (call: Call): Group => found(groups.findAction(nameIn(call)));
  const path = '/api/v2/action_groups';
  return [
    { method: 'GET', path, handle: (call) => plainList(cloud, call, shown().map(actionGroupWire)) },
    { method: 'POST', path, handle: create },
    { method: 'GET', path: `${path}/{id}`, handle: (call) => data(actionGroupWire(byId(call))) },
    { method: 'GET', path: `${path}/by-name/{id}`, handle: (call) => data(actionGroupWire(byName(call))) },
    { method: 'PATCH', path: `${path}/{id}`, handle: (call) => change(call, byId(call)) },
    { method: 'PATCH', path: `${path}/by-name/{id}`, handle: (call) => change(call, byName(call)) },
    { method: 'DELETE', path: `${path}/{id}`, handle: (call) => remove(byId(call)) },
    { method: 'DELETE', path: `${path}/by-name/{id}`, handle: (call) => remove(byName(call)) },
  ];
}

function actionGroupWire({ id, name, action, deleted, madeAt, madeBy }: Group): Wire {
  const user = { id: madeBy, name: '', domain: '' };
  return {
    id,
    name,
    and_flag: action?.andFlag ? 1 : 0,
    public_flag: action?.publicFlag ? 1 : 0,
    deleted_flag: deleted ? 1 : 0,
    groups: action?.groups.map((group) => ({ id: group.id, name: group.name })) ?? [],
    user_groups: action?.userGroups ?? [],
    created_user: user,
    created_persona: { id: 0 },
    created_time: restTime(madeAt),
    modified_user: user,
    modified_persona: { id: 0 },
    modified_time: restTime(madeAt),
  };
}
