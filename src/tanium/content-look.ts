/** Reads everything that declared content is held against: some eight requests, all at once. */
import { createHash } from 'node:crypto';
import { type ErrorCode, TrueupError } from '../errors.ts';
import type { ContentRequest } from '../fleet-ports.ts';
import type { LookedUp, ObservedContent, ObservedFile, ObservedPackage, ObservedSensor } from '../model/content.ts';
import type { TaniumClient } from './client.ts';
import { byName, namesOf } from './content.ts';
import {
  actionGroupFrom,
  groupFrom,
  isDeleted,
  packageFrom,
  personaFrom,
  sensorFrom,
  textIn,
  tokenFrom,
  type Wire,
} from './content-wire.ts';
import { nearNames } from './near-names.ts';
import { readBytes, readData, readList } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';
import type { EndpointName } from './surface.ts';

/** Throws TRUEUP_TANIUM_FORBIDDEN where sensors or packages may not be read; of what else may not be, nothing is known. */
export async function lookAtContent(
  client: TaniumClient,
  request: ContentRequest,
  signal?: AbortSignal,
): Promise<ObservedContent> {
  const { sensor, postureSensor, packageName, knownHashes } = request;
  const ours = (wire: Wire): boolean => !isDeleted(wire) && textIn(wire, 'name') !== '';
  const [foundSensor, foundPosture, foundPackage, sets, groups, actionGroups, tokens, persona] = await Promise.all([
    sensorNamed(client, sensor, signal),
    postureSensor === null ? null : sensorNamed(client, postureSensor, signal),
    packageNamed(client, packageName, knownHashes, signal),
    ifAllowed(() => listed(client, 'contentSets', (wire) => (ours(wire) ? textIn(wire, 'name') : null), signal)),
    ifAllowed(() =>
      listed(
        client,
        'groups',
        (wire) => (ours(wire) && figure(wire['type']) !== actionGroupType ? groupFrom(wire) : null),
        signal,
      ),
    ),
    ifAllowed(() => listed(client, 'actionGroups', (wire) => (ours(wire) ? actionGroupFrom(wire) : null), signal)),
    ifAllowed(() => listed(client, 'tokens', (wire) => (isDeleted(wire) ? null : tokenFrom(wire)), signal)),
    ifAllowed(() => currentPersona(client, signal)),
  ]);
  return {
    sensor: foundSensor,
    postureSensor: foundPosture,
    package: foundPackage,
    contentSets: sets,
    computerGroups: groups,
    actionGroups,
    tokens,
    persona,
  };
}

const actionGroupType = 1;

async function sensorNamed(
  client: TaniumClient,
  name: string,
  signal: AbortSignal | undefined,
): Promise<LookedUp<ObservedSensor>> {
  const found = await byName(client, 'sensorByName', name, signal);
  if (found !== null) return { name, found: sensorFrom(found), near: [] };
  return { name, found: null, near: nearNames(name, await namesOf(client, 'sensors', signal)) };
}

async function packageNamed(
  client: TaniumClient,
  name: string,
  knownHashes: ReadonlySet<string>,
  signal: AbortSignal | undefined,
): Promise<LookedUp<ObservedPackage>> {
  const wire = await byName(client, 'packageByName', name, signal);
  if (wire === null) return { name, found: null, near: nearNames(name, await namesOf(client, 'packages', signal)) };
  const found = packageFrom(wire);
  const files = await Promise.all(
    found.files.map(async (file) => (knownHashes.has(file.hash) ? file : withText(client, file, signal))),
  );
  return { name, found: { ...found, files }, near: [] };
}

/** Of any length a script may have, many times over. */
const maxFileBytes = 1024 * 1024;

async function withText(
  client: TaniumClient,
  file: ObservedFile,
  signal: AbortSignal | undefined,
): Promise<ObservedFile> {
  if (!/\.ps1$/i.test(file.name) || !/^[0-9a-f]{64}$/.test(file.hash) || file.size > maxFileBytes) return file;
  const bytes = await ifAnswered(unreadable, () =>
    client.send('cachedFile', { path: { hash: file.hash }, signal }, (response) => readBytes(response, maxFileBytes)),
  );
  // A page of a gateway is no file.
  const isIt = bytes !== null && createHash('sha256').update(bytes).digest('hex') === file.hash;
  return isIt ? { ...file, text: bytes.toString('utf8') } : file;
}

/** Of tokens, groups and sets: every element that `take` does not answer null for. */
export async function listed<T>(
  client: TaniumClient,
  endpoint: EndpointName,
  take: (wire: Wire) => T | null,
  signal: AbortSignal | undefined,
): Promise<readonly T[]> {
  return client.send(endpoint, { signal }, async (response) => {
    const found: T[] = [];
    await readList(response, (wire) => {
      const one = take(wire);
      if (one !== null) found.push(one);
    });
    return found;
  });
}

async function currentPersona(
  client: TaniumClient,
  signal: AbortSignal | undefined,
): Promise<ObservedContent['persona']> {
  return client.send('currentUser', { signal }, async (response) => {
    const data = await readData(response);
    return isRecord(data) ? personaFrom(data) : null;
  });
}

/** The server does not let the token see it, or an older one does not have it. */
const unseen: readonly ErrorCode[] = ['TRUEUP_TANIUM_FORBIDDEN', 'TRUEUP_TANIUM_NOT_FOUND', 'TRUEUP_TANIUM_REFUSED'];
/** Files are beside the API, and what is in front of it may not give them. */
const unreadable: readonly ErrorCode[] = [...unseen, 'TRUEUP_TANIUM_SERVER', 'TRUEUP_TANIUM_PROTOCOL'];

function ifAllowed<T>(read: () => Promise<T>): Promise<T | null> {
  return ifAnswered(unseen, read);
}

/** Null: it fails by one of these. */
async function ifAnswered<T>(failures: readonly ErrorCode[], read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TrueupError && failures.includes(error.code)) return null;
    throw error;
  }
}
