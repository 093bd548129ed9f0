/** FleetActions: issues a package action, follows it, and fetches what it printed. */
import { TrueupError } from '../errors.ts';
import type {
  ActionLog,
  ActionProgress,
  ActionRoute,
  ActionState,
  FleetActions,
  IssueRequest,
  ResolvedRoute,
} from '../fleet-ports.ts';
import { maxByNumber } from '../model/aim.ts';
import { actionLogSensor, logLines } from './action-log.ts';
import { stateIn, statusOf } from './action-status.ts';
import type { TaniumClient } from './client.ts';
import { resolveRoute } from './content.ts';
import { checkColumns, computerIdOf, isUnavailable } from './device-row.ts';
import type { Interpret } from './gathering.ts';
import { knownCells } from './known-cells.ts';
import { answersOf, ask, pagesOf, waitForAnswers } from './question.ts';
import { chunksOf, identitySensors, isComputerId, questionText, sensorTerm, targetText } from './question-text.ts';
import { readData } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';
import { makeGroup, removeGroup } from './target-group.ts';

/** A log is a small file that the client only has to read. */
const logTimeoutSeconds = 120;

export function taniumActions(client: TaniumClient): FleetActions {
  function route(wanted: ActionRoute, signal?: AbortSignal): Promise<ResolvedRoute> {
    return resolveRoute(client, wanted, signal);
  }

  async function issue(to: ResolvedRoute, request: IssueRequest, signal?: AbortSignal): Promise<string> {
    const body = {
      name: request.name,
      comment: request.comment,
      package_spec: {
        source_id: to.packageId,
        parameters: [{ key: to.parameterKey, value: request.encodedCommand }],
      },
      action_group: { id: to.actionGroupId },
      target_group: request.groupId === undefined ? { text: targetText(request.computerIds) } : { id: request.groupId },
      expire_seconds: request.expireSeconds,
    };
    return client.send('createAction', { body, signal }, async (response) => {
      const data = await readData(response);
      const id = isRecord(data) ? figure(data['id']) : 0;
      if (id === 0) throw response.malformed('the new action has no id');
      return String(id);
    });
  }

  async function find(name: string, signal?: AbortSignal): Promise<readonly string[]> {
    try {
      return await client.send('actionsByName', { path: { name }, signal }, async (response) => {
        const data = await readData(response);
        const actions: readonly unknown[] = Array.isArray(data) ? data : [data];
        const ids: number[] = [];
        for (const action of actions) {
          if (isRecord(action) && action['name'] === name) ids.push(figure(action['id']));
        }
        return ids
          .filter((id) => id > 0)
          .toSorted((a, b) => a - b)
          .map(String);
      });
    } catch (error) {
      if (error instanceof TrueupError && error.code === 'TRUEUP_TANIUM_NOT_FOUND') return [];
      throw error;
    }
  }

  async function progress(actionId: string, signal?: AbortSignal): Promise<ActionProgress> {
    const action = await client.send('action', { path: { id: actionId }, signal }, async (response) => {
      const data = await readData(response);
      if (!isRecord(data)) throw response.malformed('the action is no object');
      return data;
    });
    // Without this, result_data goes on showing what it showed before (tanium-api.md 5).
    await client.send('actionInfo', { path: { id: actionId }, signal }, readData);
    const devices = new Map<string, ActionState>();
    for await (const { rows } of pagesOf(client, 'actionData', actionId, signal)) {
      for (const { cid, cells } of rows) {
        const state = stateIn(cells.flat(), actionId);
        if (state !== null && isComputerId(cid)) devices.set(cid, state);
      }
    }
    const stopped = action['stopped_flag'] === true || action['stopped_flag'] === 1;
    const status = statusOf(String(action['status'] ?? ''), stopped);
    if (status === 'pending' && (await waitsForApproval(action, signal))) return { status: 'approval', devices };
    return { status, devices };
  }

  async function waitsForApproval(action: Readonly<Record<string, unknown>>, signal?: AbortSignal): Promise<boolean> {
    const saved = isRecord(action['saved_action']) ? figure(action['saved_action']['id']) : 0;
    if (saved === 0) return false;
    try {
      return await client.send('savedAction', { path: { id: saved }, signal }, async (response) => {
        const data = await readData(response);
        return isRecord(data) && (data['approved_flag'] === false || data['approved_flag'] === 0);
      });
    } catch (error) {
      // A token that may not read saved actions sees an action that is pending, and no reason for it.
      const blind = error instanceof TrueupError && blindCodes.has(error.code);
      if (blind) return false;
      throw error;
    }
  }

  async function* logs(
    actionId: string,
    computerIds: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<ActionLog> {
    // A cached answer is of a moment at which the command still ran.
    const log = sensorTerm(actionLogSensor, 1, actionId);
    const terms = [...identitySensors.map((sensor) => sensorTerm(sensor, null)), log];
    for (const ids of chunksOf(computerIds, maxByNumber)) {
      const body = { query_text: questionText(terms, ids) };
      const options = { targets: ids.length, timeoutSeconds: logTimeoutSeconds, signal };
      // No device prints the same again: what was remembered of it would only take memory.
      const asked = { ...(await ask(client, body, options)), cells: knownCells() };
      const seen = await waitForAnswers(client, asked, () => {});
      yield* answersOf(client, asked, seen, (columns) => {
        checkColumns(columns, [...identitySensors, actionLogSensor]);
        return logRow;
      });
    }
  }

  return {
    route,
    makeGroup: (name, computerNames, signal) => makeGroup(client, name, computerNames, signal),
    removeGroup: (name, signal) => removeGroup(client, name, signal),
    issue,
    find,
    progress,
    logs,
  };
}

const blindCodes = new Set(['TRUEUP_TANIUM_NOT_FOUND', 'TRUEUP_TANIUM_FORBIDDEN']);

const logRow: Interpret<ActionLog> = (row) => {
  const computerId = computerIdOf(row);
  const strings = row.cells[2];
  if (computerId === null || strings === undefined) return null;
  const ready = !row.cells.some(isUnavailable);
  const value = { computerId, name: row.cells[1]?.[0] ?? '', lines: ready ? logLines(strings) : [] };
  return { computerId, value, ready };
};
