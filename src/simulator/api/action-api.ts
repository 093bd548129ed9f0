/** `/actions`, `/saved_actions`, approvals, stops, and the results of actions. */
import { type Action, expiresAt, statusOf } from '../actions/action.ts';
import { actionFrom } from '../actions/request.ts';
import type { SavedAction } from '../actions/saved-actions.ts';
import { asSeen, historyQuestionOf, refreshed } from '../actions/tracking.ts';
import type { Cloud } from '../cloud.ts';
import { packageWire } from '../content/packages.ts';
import { bodyOf, type Call, data, idIn, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { noTimeMs, restTime, savedActionTime } from '../http/times.ts';
import { resultData, resultInfo } from '../questions/result-json.ts';
import { cachedList, plainList } from './lists.ts';

export function actionRoutes(cloud: Cloud): readonly Route[] {
  const { actions, savedActions } = cloud;
  const stops: number[] = [];

  function found(call: Call): Action {
    const action = actions.byId(idIn(call));
    if (!action) throw new Refusal('ActionNotFound');
    return action;
  }

  function create(call: Call): Reply {
    const made = actionFrom(cloud, bodyOf(call), call.session.user.id);
    const saved = savedActions.create({ action: made, issueSeconds: 0, startAt: null, endAt: null, fields: {} });
    if (saved.last === null) throw new Refusal('AddActionFailed');
    return data(actionWire(cloud, saved.last));
  }

  function stop(call: Call): Reply {
    const id = numberIn(recordIn(bodyOf(call), 'action') ?? {}, 'id');
    if (id === null) throw new Refusal('TagNotFound', 'action is required');
    const action = actions.byId(id);
    if (!action) throw new Refusal('ActionNotFound');
    actions.stop(action);
    stops.push(id);
    return data({ id: stops.length, action: { id } });
  }

  function showStop(call: Call): Reply {
    const id = idIn(call);
    const actionId = stops[id - 1];
    if (actionId === undefined) throw new Refusal('ActionStopNotFound');
    return data({ id, action: { id: actionId } });
  }

  return [
    { method: 'POST', path: '/api/v2/actions', handle: create },
    {
      method: 'GET',
      path: '/api/v2/actions',
      handle: (call) =>
        cachedList(
          cloud,
          call,
          actions.all().map((action) => actionWire(cloud, action)),
        ),
    },
    { method: 'GET', path: '/api/v2/actions/{id}', handle: (call) => data(actionWire(cloud, found(call))) },
    {
      method: 'GET',
      path: '/api/v2/actions/by-name/{id}',
      handle: (call) => {
        const named = actions.all().filter(({ name }) => name === nameIn(call));
        if (named.length === 0) throw new Refusal('ActionNotFound');
        return data(named.map((action) => actionWire(cloud, action)));
      },
    },
    { method: 'POST', path: '/api/v2/action_stops', handle: stop },
    { method: 'GET', path: '/api/v2/action_stops/{id}', handle: showStop },
    {
      method: 'GET',
      path: '/api/v2/result_info/action/{id}',
      handle: (call) => resultInfo(cloud, refreshed(cloud, found(call))),
    },
    {
      method: 'GET',
      path: '/api/v2/result_data/action/{id}',
      handle: (call) => resultData(cloud, call, asSeen(cloud, found(call))),
    },
    ...savedActionRoutes(cloud),
  ];
}

function savedActionRoutes(cloud: Cloud): readonly Route[] {
  const { savedActions } = cloud;

  function found(id: number): SavedAction {
    const saved = savedActions.byId(id);
    if (!saved) throw new Refusal('SavedActionNotFound');
    return saved;
  }

  function create(call: Call): Reply {
    const body = bodyOf(call);
    if (numberIn(body, 'expire_seconds') === null) {
      throw new Refusal('AddSavedActionFailed', 'expire_seconds is required');
    }
    const action = actionFrom(cloud, { target_group: { text: '' }, ...body }, call.session.user.id);
    const { package_spec, action_group, target_group, ...fields } = body;
    const saved = savedActions.create({
      action,
      issueSeconds: numberIn(body, 'issue_seconds') ?? 0,
      startAt: timeIn(body, 'start_time'),
      endAt: timeIn(body, 'end_time'),
      fields,
    });
    return data(savedWire(cloud, saved));
  }

  /** One that is issued once cannot be changed any more when it has started. */
  function change(call: Call, saved: SavedAction): Reply {
    if (saved.issueSeconds === 0 && saved.last !== null && saved.last.startedAt !== null) {
      throw new Refusal('UpdateSavedActionFailed');
    }
    const body = bodyOf(call);
    const status = numberIn(body, 'status');
    if (status !== null) saved.enabled = status === 0;
    saved.fields = { ...saved.fields, ...body };
    return data(savedWire(cloud, saved));
  }

  /** Only somebody else may approve what one has made. */
  function approve(call: Call): Reply {
    const body = bodyOf(call);
    const saved = found(numberIn(body, 'id') ?? 0);
    if (!(flagIn(body, 'approved_flag') ?? false)) return data(approvalWire(saved));
    if (saved.action.userId === call.session.user.id) {
      throw new Refusal('RBACInvalidOperation', 'An action is approved by another user than the one who made it');
    }
    savedActions.approve(saved);
    return data(approvalWire(saved));
  }

  return [
    { method: 'POST', path: '/api/v2/saved_actions', handle: create },
    {
      method: 'GET',
      path: '/api/v2/saved_actions',
      handle: (call) =>
        cachedList(
          cloud,
          call,
          savedActions.all().map((saved) => savedWire(cloud, saved)),
        ),
    },
    { method: 'GET', path: '/api/v2/saved_actions/{id}', handle: (call) => data(savedWire(cloud, found(idIn(call)))) },
    {
      method: 'GET',
      path: '/api/v2/saved_actions/by-name/{id}',
      handle: (call) => {
        const saved = savedActions.all().find(({ action }) => action.name === nameIn(call));
        if (!saved) throw new Refusal('SavedActionNotFound');
        return data(savedWire(cloud, saved));
      },
    },
    { method: 'PATCH', path: '/api/v2/saved_actions/{id}', handle: (call) => change(call, found(idIn(call))) },
    {
      method: 'DELETE',
      path: '/api/v2/saved_actions/{id}',
      handle: (call) => {
        const saved = found(idIn(call));
        saved.deleted = true;
        return data({ id: saved.id });
      },
    },
    {
      method: 'GET',
      path: '/api/v2/saved_action_approvals',
      handle: (call) => plainList(cloud, call, savedActions.all().map(approvalWire)),
    },
    { method: 'POST', path: '/api/v2/saved_action_approvals', handle: approve },
  ];
}

function actionWire(cloud: Cloud, action: Action): Wire {
  const expiry = expiresAt(action);
  const { actionGroup, targetGroup, startedAt } = action;
  const created = action.package;
  return {
    id: action.id,
    name: action.name,
    comment: action.comment,
    status: statusOf(action, cloud.timeline.now()),
    stopped_flag: action.stoppedAt !== null,
    priority: action.priority,
    creation_time: restTime(action.madeAt),
    start_time: restTime(startedAt ?? noTimeMs),
    expiration_time: restTime(expiry ?? noTimeMs + action.expireSeconds * 1000),
    expire_seconds: action.expireSeconds,
    distribute_seconds: action.distributeSeconds,
    skip_lock_flag: false,
    action_group: { id: actionGroup.id, name: actionGroup.name },
    target_group: targetGroup === null ? { id: 0 } : { id: targetGroup.id, name: targetGroup.name },
    package_spec: startedAt === null ? unsent(packageWire(cloud, created)) : packageWire(cloud, created),
    history_saved_question: { id: historyQuestionOf(cloud, action) },
    saved_action: { id: action.savedActionId },
    user: userOf(cloud, action.userId),
    approver: { id: action.userId },
    cache_row_id: 0,
  };
}

/** Before it starts, its files are shown as if they were still on their way (tanium-api.md 5). */
function unsent(wire: Wire): Wire {
  const files = (wire['files'] as readonly Wire[]).map((file) => ({
    ...file,
    cache_status: '',
    file_status: (file['file_status'] as readonly Wire[]).map((one) => ({ ...one, cache_status: 'Processing' })),
  }));
  return { ...wire, files };
}

function savedWire(cloud: Cloud, saved: SavedAction): Wire {
  const { id, action, last, fields } = saved;
  return {
    ...fields,
    id,
    name: action.name,
    comment: action.comment,
    status: saved.enabled ? 0 : 1,
    approved_flag: saved.approved,
    start_now_flag: saved.startAt === null,
    issue_seconds: saved.issueSeconds,
    issue_count: last === null ? 0 : 1,
    expire_seconds: action.expireSeconds,
    distribute_seconds: action.distributeSeconds,
    priority: action.priority,
    creation_time: restTime(saved.madeAt),
    start_time: savedActionTime(saved.startAt),
    end_time: savedActionTime(saved.endAt),
    last_start_time: savedActionTime(last?.startedAt ?? null),
    next_start_time: savedActionTime(nextStart(saved)),
    last_action: { id: last?.id ?? 0, start_time: savedActionTime(last?.startedAt ?? null) },
    action_group_id: action.actionGroup.id,
    action_group: { id: action.actionGroup.id, name: action.actionGroup.name },
    target_group:
      action.targetGroup === null ? { id: 0 } : { id: action.targetGroup.id, name: action.targetGroup.name },
    package_spec: packageWire(cloud, action.package),
    policy_flag: false,
    user: userOf(cloud, action.userId),
    approver: { id: saved.approved ? action.userId : 0 },
  };
}

function nextStart({ issueSeconds, last, enabled }: SavedAction): number | null {
  const started = last?.startedAt ?? null;
  return issueSeconds === 0 || started === null || !enabled ? null : started + issueSeconds * 1000;
}

function approvalWire({ id, action, approved }: SavedAction): Wire {
  return { id, name: action.name, approved_flag: approved, metadata: [] };
}

function userOf(cloud: Cloud, id: number): Wire {
  return { id, name: cloud.access.users.find((user) => user.id === id)?.name ?? '', domain: '' };
}

/** Milliseconds since 1970; null: none, which means now, or never. */
function timeIn(body: Wire, key: string): number | null {
  const text = textIn(body, key) ?? '';
  const at = Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) || at <= noTimeMs ? null : at;
}
