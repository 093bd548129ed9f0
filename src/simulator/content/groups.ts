/** Computer groups, filter and management-rights groups, manual groups, and action groups: one space of ids. */
import type { Cloud } from '../cloud.ts';
import { Refusal } from '../http/failure.ts';
import { numberIn, textIn, type Wire } from '../http/fields.ts';
import { parseFilter } from '../language/parse.ts';
import { renderFilter } from '../language/render.ts';
import { QuestionSyntaxError } from '../language/syntax.ts';
import { bindFilter, UnknownName } from './bind.ts';
import { type Filter, type NamedFilter, syntaxOf } from './filter.ts';
import { stockActionGroup, stockGroup } from './stock.ts';

export interface Group extends NamedFilter {
  readonly id: number;
  /** Empty: anonymous, made for one question or action. */
  name: string;
  /** As `type` on the wire: 0 computers, 1 action group, 3 ad hoc, 4 manual. */
  readonly type: 0 | 1 | 3 | 4;
  readonly filter: Filter | null;
  readonly text: string;
  readonly managementRights: boolean;
  filterFlag: boolean;
  contentSet: Wire;
  readonly reserved: boolean;
  deleted: boolean;
  /** Of a manual group; null: another kind. */
  readonly members: ReadonlySet<number> | null;
  /** Of an action group; null: another kind. */
  readonly action: ActionGroup | null;
  readonly madeAt: number;
  readonly madeBy: number;
}

export interface ActionGroup {
  readonly groups: readonly Group[];
  readonly andFlag: boolean;
  readonly publicFlag: boolean;
  readonly userGroups: readonly unknown[];
}

export interface NewGroup {
  readonly name: string;
  readonly filter: Filter | null;
  readonly managementRights?: boolean;
  readonly filterFlag?: boolean;
  readonly contentSet?: Wire | null;
  readonly userId?: number;
}

export interface Groups {
  /** Those with a name that are not deleted, action groups among them, by id. */
  named(): readonly Group[];
  /** Also deleted and anonymous ones, as far as they are kept. */
  byId(id: number): Group | undefined;
  /** A computer group by its name. */
  find(name: string, anyCase: boolean): Group | undefined;
  findAction(name: string): Group | undefined;
  /** What `{id}` or `{name}` stands for; undefined: it refers to none. */
  reference(wire: Wire): Group | undefined;
  create(group: NewGroup): Group;
  createManual(name: string, members: ReadonlySet<number>, userId: number): Group;
  createAction(name: string, action: ActionGroup, userId: number): Group;
  /** Ids, as the sensor Manual Group Membership shows them. */
  manualGroupsOf(computerId: number): readonly string[];
}

/** Anonymous groups that are kept: one names up to 900 computers, and is needed only while its action is made. */
const maxAnonymous = 200;

export function openGroups(cloud: Cloud, bare: boolean): Groups {
  const groups = new Map<number, Group>();
  const anonymous: number[] = [];
  let manual: readonly Group[] = [];
  let lastId = 0;

  function add(group: NewGroup, kind: Pick<Group, 'type' | 'members' | 'action'>): Group {
    lastId += 1;
    const made: Group = {
      id: lastId,
      name: group.name,
      filter: group.filter,
      text: group.filter === null ? '' : renderFilter(syntaxOf(group.filter)),
      managementRights: group.managementRights ?? true,
      filterFlag: group.filterFlag ?? true,
      contentSet: group.contentSet ?? { id: 2, name: 'Base' },
      reserved: lastId <= reservedGroups,
      deleted: false,
      madeAt: cloud.timeline.now(),
      madeBy: group.userId ?? 1,
      ...kind,
    };
    groups.set(made.id, made);
    return made;
  }

  function create(group: NewGroup): Group {
    const made = add(group, { type: group.name === '' ? 3 : 0, members: null, action: null });
    if (made.name === '') anonymous.push(made.id);
    if (anonymous.length > maxAnonymous) groups.delete(anonymous.shift() ?? 0);
    return made;
  }

  const named = (): readonly Group[] => [...groups.values()].filter(({ name, deleted }) => name !== '' && !deleted);
  const computerGroups = (): readonly Group[] => named().filter(({ type }) => type !== 1);

  const opened: Groups = {
    named,
    byId: (id) => groups.get(id),
    find: (name, anyCase) => {
      const lower = name.toLowerCase();
      const found = computerGroups().find((group) => group.name === name);
      return found ?? (anyCase ? computerGroups().find((group) => group.name.toLowerCase() === lower) : undefined);
    },
    findAction: (name) => named().find((group) => group.type === 1 && group.name === name),
    reference: (wire) => {
      const id = numberIn(wire, 'id') ?? 0;
      if (id > 0) return groups.get(id);
      const name = textIn(wire, 'name') ?? '';
      return name === '' ? undefined : computerGroups().find((group) => group.name === name);
    },
    create,
    createManual: (name, members, userId) => {
      const sensor = cloud.sensors.byName('Manual Group Membership');
      if (!sensor) throw new Refusal('SensorNotFound');
      const term = { sensor, parameters: [], maxAgeSeconds: null };
      const test = { negated: false, operator: 'equals', value: String(lastId + 1), ignoreCase: true } as const;
      const filter: Filter = { kind: 'sensor', term, all: false, test };
      const made = add({ name, filter, userId }, { type: 4, members, action: null });
      manual = [...manual, made];
      return made;
    },
    createAction: (name, action, userId) => {
      const parts = action.groups.map((group): Filter => ({ kind: 'group', negated: false, group }));
      const filter: Filter = { kind: action.andFlag ? 'and' : 'or', negated: false, parts };
      return add({ name, filter, userId }, { type: 1, members: null, action });
    },
    manualGroupsOf: (computerId) =>
      manual.filter(({ members, deleted }) => !deleted && members?.has(computerId)).map(({ id }) => String(id)),
  };
  addStock(cloud, opened, bare);
  return opened;
}

/** All Computers, No Computers and the action group Default, which reaches nobody since 7.1 (tanium-api.md 7). */
const reservedGroups = 3;

function addStock(cloud: Cloud, groups: Groups, bare: boolean): void {
  const all = groups.create({ name: 'All Computers', filter: null });
  const nobody = groups.create({ name: 'No Computers', filter: filterFromText(cloud, 'Computer Name not matches .*') });
  groups.createAction('Default', actionGroupOf([nobody]), 1);
  if (bare) return;
  groups.createAction(stockActionGroup, actionGroupOf([all]), 1);
  groups.create({ name: stockGroup.name, filter: filterFromText(cloud, stockGroup.text) });
}

export function actionGroupOf(groups: readonly Group[], andFlag = false): ActionGroup {
  return { groups, andFlag, publicFlag: true, userGroups: [] };
}

/** The right-hand side of a question; null: all machines. @throws Refusal InvalidGroupQueryText */
export function filterFromText(cloud: Cloud, text: string): Filter | null {
  try {
    const syntax = parseFilter(text);
    return syntax === null ? null : bindFilter(cloud, syntax, false);
  } catch (error) {
    if (!(error instanceof QuestionSyntaxError) && !(error instanceof UnknownName)) throw error;
    throw new Refusal('InvalidGroupQueryText', `The group query text is invalid: ${error.message}`);
  }
}
