/** Finds Tanium's objects by their exact names, and says what is near where there is none. */
import { isInterruption, TrueupError } from '../errors.ts';
import type { ActionRoute, ResolvedRoute } from '../fleet-ports.ts';
import type { TaniumClient } from './client.ts';
import { didYouMean, shown } from './near-names.ts';
import { readData, readList } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';
import type { EndpointName } from './surface.ts';

type TaniumObject = Readonly<Record<string, unknown>>;

/** @throws TRUEUP_SENSOR_NOT_FOUND unless the server has a sensor of this very name, byte for byte (#38) */
export async function checkSensor(client: TaniumClient, name: string, signal?: AbortSignal): Promise<void> {
  if ((await byName(client, 'sensorByName', name, signal)) !== null) return;
  const hint = didYouMean(name, await namesOf(client, 'sensors', signal));
  throw new TrueupError('TRUEUP_SENSOR_NOT_FOUND', `Tanium has no sensor named "${shown(name)}".${hint}`);
}

/** @throws TRUEUP_PACKAGE_NOT_FOUND, TRUEUP_PACKAGE_PARAMETER, TRUEUP_ACTION_GROUP_NOT_FOUND, TRUEUP_ACTION_GROUP_EMPTY */
export async function resolveRoute(
  client: TaniumClient,
  route: ActionRoute,
  signal?: AbortSignal,
): Promise<ResolvedRoute> {
  const { packageName, packageParamOffset, actionGroupName } = route;
  const found = await byName(client, 'packageByName', packageName, signal);
  if (found === null) {
    const hint = didYouMean(packageName, await namesOf(client, 'packages', signal));
    const message = `Tanium has no package named "${shown(packageName)}".${hint}`;
    throw new TrueupError('TRUEUP_PACKAGE_NOT_FOUND', message);
  }
  const parameterKey = `$${packageParamOffset}`;
  checkParameter(found, packageName, parameterKey);
  return {
    packageId: figure(found['id']),
    parameterKey,
    actionGroupId: await actionGroup(client, actionGroupName, signal),
  };
}

/** The package must take exactly one parameter, under the key of the offset, and use it in its command (#65–#67). */
function checkParameter(found: TaniumObject, name: string, key: string): void {
  const keys = parameterKeys(found);
  const used = [...new Set(String(found['command'] ?? '').match(/\$\d+/g) ?? [])].toSorted();
  if (keys.length === 1 && keys[0] === key && used.length === 1 && used[0] === key) return;
  const only = keys.length === 1 ? (keys[0] as string) : null;
  const title = shown(name);
  if (only !== null && only !== key && /^\$[01]$/.test(only) && used.every((other) => other === only)) {
    const offset = only.slice(1);
    throw new TrueupError(
      'TRUEUP_PACKAGE_PARAMETER',
      `The package "${title}" takes its parameter as ${only}, not as ${key}: package_param_offset ${offset} fits.`,
      { remedy: `Set options.package_param_offset to ${offset}.` },
    );
  }
  const takes = keys.length === 0 ? 'no parameter' : keys.map((other) => shown(other)).join(', ');
  throw new TrueupError(
    'TRUEUP_PACKAGE_PARAMETER',
    `The package "${title}" must take one parameter, ${key}, and use it in its command; it takes ${takes}, and its command uses ${used.join(', ') || 'none'}.`,
    {
      cause: 'The package has no parameter or several, or its command and its parameter disagree.',
      remedy: `Give the package the one text parameter EncodedCommand, and end its command with ${key}.`,
    },
  );
}

/** From `parameter_definition`, a JSON string (tanium-api.md 6). */
function parameterKeys(found: TaniumObject): readonly string[] {
  const text = found['parameter_definition'];
  let definition: unknown = text;
  if (typeof text === 'string') {
    try {
      definition = JSON.parse(text === '' ? '{}' : text);
    } catch (origin) {
      const message = 'The parameter_definition of the package is not JSON.';
      throw new TrueupError('TRUEUP_PACKAGE_PARAMETER', message, { origin });
    }
  }
  const parameters = isRecord(definition) ? definition['parameters'] : undefined;
  if (!Array.isArray(parameters)) return [];
  return (parameters as unknown[]).flatMap((parameter) =>
    isRecord(parameter) && typeof parameter['key'] === 'string' ? [parameter['key']] : [],
  );
}

/** The stock group of nobody, and the only one in the action group "Default" since 7.1 (tanium-api.md 5 and 7). */
const noComputers = 'No Computers';

/** Never a computer group: both share numbers and names, and an action group of that name is what is asked for. */
async function actionGroup(client: TaniumClient, name: string, signal?: AbortSignal): Promise<number> {
  const groups = await listOf(client, 'actionGroups', signal);
  const found = groups.find((group) => group.name === name);
  if (found && reachesNobody(found)) {
    const message = `The action group "${shown(name)}" holds no device: an action in it reaches nobody.`;
    throw new TrueupError('TRUEUP_ACTION_GROUP_EMPTY', message);
  }
  if (found) return found.id;
  const useful = groups.filter((group) => !reachesNobody(group));
  const hint = didYouMean(
    name,
    useful.map((group) => group.name),
  );
  const message = `Tanium has no action group named "${shown(name)}".${hint}`;
  throw new TrueupError('TRUEUP_ACTION_GROUP_NOT_FOUND', message);
}

function reachesNobody({ parts }: { readonly parts: readonly string[] }): boolean {
  return parts.length > 0 && parts.every((part) => part === noComputers);
}

const actionGroupType = 1;

/** @throws TRUEUP_GROUP_NOT_FOUND */
export async function computerGroup(client: TaniumClient, name: string, signal?: AbortSignal): Promise<number> {
  const groups = await listOf(client, 'groups', signal);
  const computerGroups = groups.filter((group) => group.type !== actionGroupType);
  const found = computerGroups.find((group) => group.name === name);
  if (found) return found.id;
  const hint = didYouMean(
    name,
    computerGroups.map((group) => group.name),
  );
  const message = `Tanium has no computer group named "${shown(name)}".${hint}`;
  throw new TrueupError('TRUEUP_GROUP_NOT_FOUND', message);
}

/** Null: there is none, or its name is another one after all. */
export async function byName(
  client: TaniumClient,
  endpoint: 'sensorByName' | 'packageByName',
  name: string,
  signal?: AbortSignal,
): Promise<TaniumObject | null> {
  try {
    return await client.send(endpoint, { path: { name }, signal }, async (response) => {
      const data = await readData(response);
      // Some servers answer with a list of one (tanium-api.md 2).
      const found: unknown = Array.isArray(data) ? data[0] : data;
      if (!isRecord(found) || figure(found['id']) === 0) throw response.malformed('the object has no id');
      return found['name'] === name ? found : null;
    });
  } catch (error) {
    if (error instanceof TrueupError && error.code === 'TRUEUP_TANIUM_NOT_FOUND') return null;
    throw error;
  }
}

interface Listed {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  /** Of an action group: names of its computer groups. */
  readonly parts: readonly string[];
}

async function listOf(
  client: TaniumClient,
  endpoint: EndpointName,
  signal: AbortSignal | undefined,
): Promise<readonly Listed[]> {
  return client.send(endpoint, { signal }, async (response) => {
    const found: Listed[] = [];
    await readList(response, (item) => {
      const [id, name] = [figure(item['id']), item['name']];
      const deleted = item['deleted_flag'] === true || item['deleted_flag'] === 1;
      if (id > 0 && typeof name === 'string' && !deleted) {
        found.push({ id, name, type: figure(item['type']), parts: namesIn(item['groups']) });
      }
    });
    return found;
  });
}

function namesIn(list: unknown): readonly string[] {
  if (!Array.isArray(list)) return [];
  return (list as unknown[]).map((one) => (isRecord(one) ? String(one['name'] ?? '') : ''));
}

/**
 * For a hint only: where the list is not to be had, there is no hint, and the finding stands without it. But a host
 * that does not know even the list is none with this API, and a missing name says nothing (#29).
 */
export async function namesOf(
  client: TaniumClient,
  endpoint: 'sensors' | 'packages',
  signal: AbortSignal | undefined,
): Promise<readonly string[]> {
  try {
    return (await listOf(client, endpoint, signal)).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof TrueupError) || isInterruption(error)) throw error;
    if (error.code !== 'TRUEUP_TANIUM_NOT_FOUND') return [];
    throw new TrueupError('TRUEUP_TANIUM_PROTOCOL', error.message, {
      cause: 'The host answers, but has no Tanium API v2 at this address.',
      origin: error,
    });
  }
}
