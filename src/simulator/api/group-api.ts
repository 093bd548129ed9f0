/** `/groups` and its relatives: computer, filter and management-rights groups; `/build_target_group`. */

import type { Cloud } from '../cloud.ts';
import { type Filter, syntaxOf } from '../content/filter.ts';
import type { Group } from '../content/groups.ts';
import { addressOf } from '../content/stock-sensors.ts';
import { filterToWire } from '../content/wire-filter.ts';
import { devicesNamed } from '../fleet/find.ts';
import { bodyOf, type Call, data, idIn, json, nameIn, type Reply, type Route } from '../http/call.ts';
import { type ErrorName, Refusal } from '../http/failure.ts';
import { flagIn, isRecord, listIn, numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { renderFilter } from '../language/render.ts';
import { inlineGroup } from '../questions/ask.ts';
import type { Row } from '../questions/row.ts';
import { cachedList } from './lists.ts';

export function groupRoutes(cloud: Cloud): readonly Route[] {
  const { groups } = cloud;

  /** One family of paths over the groups that it shows. */
  function family(path: string, shows: (group: Group) => boolean, missing: ErrorName): readonly Route[] {
    const found = (group: Group | undefined): Group => {
      if (!group || group.deleted || !(group.name === '' || shows(group))) throw new Refusal(missing);
      return group;
    };
    const byId = (call: Call): Group => found(groups.byId(idIn(call)));
    const byName = (call: Call): Group =>
      found(groups.named().find((group) => group.name === nameIn(call) && shows(group)));
    const show = (call: Call, group: Group): Reply =>
      data({ ...groupWire(cloud, group), ...specsOf(cloud, call, group) });
    const list = (call: Call): Reply =>
      cachedList(
        cloud,
        call,
        groups
          .named()
          .filter(shows)
          .map((group) => groupWire(cloud, group)),
      );
    return [
      { method: 'GET', path, handle: list },
      { method: 'GET', path: `${path}/{id}`, handle: (call) => show(call, byId(call)) },
      { method: 'GET', path: `${path}/by-name/{id}`, handle: (call) => show(call, byName(call)) },
      { method: 'PATCH', path: `${path}/{id}`, handle: (call) => change(call, byId(call)) },
      { method: 'PATCH', path: `${path}/by-name/{id}`, handle: (call) => change(call, byName(call)) },
      { method: 'DELETE', path: `${path}/{id}`, handle: (call) => remove(byId(call), path) },
      { method: 'DELETE', path: `${path}/by-name/{id}`, handle: (call) => remove(byName(call), path) },
    ];
  }

  function change(call: Call, group: Group): Reply {
    if (group.reserved) throw new Refusal('CannotUpdateOrDeleteReservedGroup');
    const body = bodyOf(call);
    if (group.members !== null && 'computer_specs' in body) throw new Refusal('GroupMembershipCannotBeUpdated');
    const name = textIn(body, 'name');
    if (name !== null && name !== group.name) demandFree(name, 'GroupNameNotUnique');
    group.name = name ?? group.name;
    group.contentSet = recordIn(body, 'content_set') ?? group.contentSet;
    group.filterFlag = flagIn(body, 'filter_flag') ?? group.filterFlag;
    return data(groupWire(cloud, group));
  }

  function remove(group: Group, path: string): Reply {
    if (group.reserved) throw new Refusal('CannotUpdateOrDeleteReservedGroup');
    group.deleted = true;
    return data(path.endsWith('computer_groups') ? groupWire(cloud, group) : { id: group.id });
  }

  function demandFree(name: string, error: ErrorName): void {
    if (groups.find(name, false)) throw new Refusal(error);
  }

  function create(call: Call, kind: Pick<Group, 'managementRights' | 'filterFlag'>): Reply {
    const body = bodyOf(call);
    const name = textIn(body, 'name') ?? '';
    if (name !== '') demandFree(name, 'GroupNameNotUnique');
    const filter = inlineGroup(cloud, withoutQuestion(body));
    const contentSet = recordIn(body, 'content_set');
    const made = groups.create({ ...kind, name, filter, contentSet, userId: call.session.user.id });
    return data({ id: made.id });
  }

  function createManual(call: Call): Reply {
    const body = bodyOf(call);
    const name = textIn(body, 'name') ?? '';
    if (name === '') throw new Refusal('ComputerGroupNameRequired');
    demandFree(name, 'ComputerGroupAlreadyExists');
    const specs = listIn(body, 'computer_specs').filter(isRecord);
    const members = new Set(specs.flatMap((spec) => computersOf(cloud, spec)));
    return data(groupWire(cloud, groups.createManual(name, members, call.session.user.id)));
  }

  /** Groups of the rows of a result that the server still keeps. */
  function buildTarget(call: Call): Reply {
    const body = bodyOf(call);
    const cacheId = numberIn(body, 'cache_id');
    if (cacheId === null || !Array.isArray(body['reference_ids']))
      throw new Refusal('MustSpecifyCacheIDAndReferenceIDs');
    const references = listIn(body, 'reference_ids').map(Number);
    if (references.length === 0) throw new Refusal('MustSpecifyNonEmptyReferenceIDs');
    const cache = cloud.caches.use(cacheId, call.session.user.id, null, cloud.timeline.now());
    const rows = (cache?.items ?? []) as readonly Partial<Row>[];
    const ids = new Set(references.flatMap((reference) => machinesOf(rows[reference - 1])));
    return data({ id: groups.create({ name: '', filter: anyComputer(cloud, ids) }).id });
  }

  const isComputerGroup = ({ type }: Group): boolean => type !== 1;
  return [
    ...family('/api/v2/groups', () => true, 'GroupNotFound'),
    ...family('/api/v2/computer_groups', isComputerGroup, 'ComputerGroupNotFound'),
    ...family('/api/v2/filter_groups', (group) => isComputerGroup(group) && group.filterFlag, 'GroupNotFound'),
    ...family(
      '/api/v2/management_rights_groups',
      (group) => isComputerGroup(group) && group.managementRights,
      'GroupNotFound',
    ),
    {
      method: 'POST',
      path: '/api/v2/groups',
      handle: (call) => create(call, { managementRights: true, filterFlag: true }),
    },
    {
      method: 'POST',
      path: '/api/v2/filter_groups',
      handle: (call) => create(call, { managementRights: false, filterFlag: true }),
    },
    {
      method: 'POST',
      path: '/api/v2/management_rights_groups',
      handle: (call) => create(call, { managementRights: true, filterFlag: false }),
    },
    { method: 'POST', path: '/api/v2/computer_groups', handle: createManual },
    { method: 'POST', path: '/api/v2/build_target_group', handle: buildTarget },
    {
      method: 'POST',
      path: '/api/v2/build_group_text',
      handle: (call) => {
        const filter = inlineGroup(cloud, bodyOf(call));
        return json(200, { text: filter === null ? '' : ` ${renderFilter(syntaxOf(filter))}` });
      },
    },
  ];
}

export function groupWire(cloud: Cloud, group: Group): Wire {
  const { id, name, text, type, managementRights, filterFlag, contentSet, deleted, reserved } = group;
  return {
    id,
    name,
    text: text === '' ? '' : ` ${text}`,
    type,
    ...filterToWire(cloud, group.filter),
    ...(id === 1 ? { sub_groups: [{ id: 0 }] } : {}),
    content_set: reserved ? { id: 1, name: 'Reserved' } : contentSet,
    management_rights_flag: managementRights,
    filter_flag: filterFlag,
    parameters: [],
    source_id: 0,
    saved_question_id: 0,
    track_computer_id_flag: 0,
    track_computer_id_interval: 0,
    deleted_flag: deleted,
  };
}

/** Filter groups also take the whole text of a question. */
function withoutQuestion(body: Wire): Wire {
  const text = textIn(body, 'text');
  const rest = text === null ? null : /^\s*get .* from all machines(?: with (.*))?$/is.exec(text);
  return rest ? { ...body, text: rest[1] ?? '' } : body;
}

function computersOf(cloud: Cloud, spec: Wire): readonly number[] {
  const address = textIn(spec, 'ip_address');
  if (address !== null) {
    return cloud.fleet.devices.filter((device) => addressOf(device) === address).map(({ computerId }) => computerId);
  }
  // A name that Tanium does not know, or knows twice, makes nobody a member.
  const named = devicesNamed(cloud.fleet, textIn(spec, 'computer_name') ?? '');
  return named.length === 1 ? named.map(({ computerId }) => computerId) : [];
}

/** The members of a manual group, where the request asks for them. */
function specsOf({ fleet }: Cloud, call: Call, { members }: Group): Wire {
  if (members === null || !flagIn(call.options, 'include_computer_specs_flag')) return {};
  const devices = [...members].flatMap((id) => fleet.byId.get(id) ?? []);
  return { computer_specs: devices.map((device) => ({ computer_name: device.name, ip_address: addressOf(device) })) };
}

/** None where the cache is that of a list, or has no such row. */
function machinesOf(row: Partial<Row> | undefined): readonly number[] {
  return row?.machines ?? (row?.cid === undefined ? [] : [row.cid]);
}

function anyComputer(cloud: Cloud, ids: ReadonlySet<number>): Filter {
  const nobody = cloud.groups.find('No Computers', false);
  if (ids.size === 0 && nobody) return { kind: 'group', negated: false, group: nobody };
  const sensor = cloud.sensors.byName('Computer ID');
  if (!sensor) throw new Refusal('SensorNotFound');
  const term = { sensor, parameters: [], maxAgeSeconds: null };
  const parts = [...ids].map((id): Filter => {
    const test = { negated: false, operator: 'equals', value: String(id), ignoreCase: true } as const;
    return { kind: 'sensor', term, all: false, test };
  });
  return { kind: 'or', negated: false, parts };
}
