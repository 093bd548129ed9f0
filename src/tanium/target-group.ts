/**
 * The group of one action that is for more devices than a text can name: a manual group, whose members are given by
 * Computer Name and never change (tanium-api.md 3f). Its name is made of the action's name, which is there once, so that
 * whoever ends the action finds it again, also after a crash.
 */
import { TrueupError } from '../errors.ts';
import { isByNumberOnly } from '../model/aim.ts';
import type { TaniumClient } from './client.ts';
import { readData } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';

/** `trueup-RUN-KEY` of `Trueup RUN KEY`. */
export function groupNameOf(action: string): string {
  return `trueup-${action.replace(/^Trueup /, '').replaceAll(' ', '-')}`;
}

export async function makeGroup(
  client: TaniumClient,
  action: string,
  computerNames: readonly string[],
  signal?: AbortSignal,
): Promise<number> {
  demandDistinct(computerNames);
  const name = groupNameOf(action);
  const body = { name, computer_specs: computerNames.map((computer) => ({ computer_name: computer })) };
  try {
    return await client.send('createTargetGroup', { body, signal }, async (response) => {
      const data = await readData(response);
      const id = isRecord(data) ? figure(data['id']) : 0;
      if (id === 0) throw response.malformed('the new group has no id');
      return id;
    });
  } catch (error) {
    // Refused, too: there is one of this name already.
    const mayBeThere = error instanceof TrueupError && (error.doubtful || error.code === 'TRUEUP_TANIUM_REFUSED');
    if (!mayBeThere || signal?.aborted === true) throw error;
    const made = await findGroup(client, name, signal);
    if (made === null) throw error;
    return made;
  }
}

export async function removeGroup(client: TaniumClient, action: string, signal?: AbortSignal): Promise<void> {
  const id = await findGroup(client, groupNameOf(action), signal);
  if (id === null) return;
  await orNull(client.send('deleteTargetGroup', { path: { id }, signal }, readData));
}

/** A group of a name that is like this one is somebody else's. */
async function findGroup(client: TaniumClient, name: string, signal?: AbortSignal): Promise<number | null> {
  const sent = client.send('targetGroupByName', { path: { name }, signal }, async (response) => {
    const data = await readData(response);
    // Some servers answer with a list of one (tanium-api.md 2).
    const found: unknown = Array.isArray(data) ? data[0] : data;
    if (!isRecord(found) || figure(found['id']) === 0) throw response.malformed('the group has no id');
    const isDeleted = found['deleted_flag'] === true || found['deleted_flag'] === 1;
    return found['name'] === name && !isDeleted ? figure(found['id']) : null;
  });
  return orNull(sent);
}

/** Null: Tanium has no such group. */
async function orNull<T>(sent: Promise<T>): Promise<T | null> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof TrueupError && error.code === 'TRUEUP_TANIUM_NOT_FOUND') return null;
    throw error;
  }
}

/** Whoever shares a name with another device would bring that one into the group. */
function demandDistinct(computerNames: readonly string[]): void {
  const names = new Set(computerNames.map((name) => name.toLowerCase()));
  if (names.size === 0 || names.size < computerNames.length || computerNames.some(isByNumberOnly)) {
    throw new RangeError('the members of a group are devices that their names tell apart');
  }
}
