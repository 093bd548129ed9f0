/** `/actions`, `/action_stops`, and the results of actions. */
import { type Action, expiresAt, statusOf } from '../actions/action.ts';
import { actionFrom } from '../actions/request.ts';
import { asSeen, historyQuestionOf, refreshed } from '../actions/tracking.ts';
import type { Cloud } from '../cloud.ts';
import { packageWire } from '../content/package-wire.ts';
import { bodyOf, type Call, data, idIn, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { numberIn, recordIn, type Wire } from '../http/fields.ts';
import { noTimeMs, restTime } from '../http/times.ts';
import { resultData, resultInfo } from '../questions/result-json.ts';
import { cachedList } from './lists.ts';
import { userOf } from './session-api.ts';

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
