/** `/saved_actions` and their approvals. */
import { actionFrom } from '../actions/request.ts';
import type { SavedAction } from '../actions/saved-actions.ts';
import type { Cloud } from '../cloud.ts';
import { packageWire } from '../content/package-wire.ts';
import { bodyOf, type Call, data, idIn, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import { noTimeMs, restTime, savedActionTime } from '../http/times.ts';
import { cachedList, plainList } from './lists.ts';
import { userOf } from './session-api.ts';

export function savedActionRoutes(cloud: Cloud): readonly Route[] {
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

/** Milliseconds since 1970; null: none, which means now, or never. */
function timeIn(body: Wire, key: string): number | null {
  const text = textIn(body, key) ?? '';
  const at = Date.parse(/Z$|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) || at <= noTimeMs ? null : at;
}
