/** The connection to Tanium that a provider declares, opened when something is first asked of it. */
import { resolve } from 'node:path';
import { asTrueupError, isInterruption, TrueupError } from '../errors.ts';
import type { FleetActions, FleetConnection, FleetContent, FleetScanner, FleetTokens, Reach } from '../fleet-ports.ts';
import type { DesiredProvider } from '../model/desired.ts';
import type { Clock } from '../ports.ts';
import { readSecret, type SecretSource } from '../secrets/reference.ts';
import type { RequestCounts, RequestRecord } from '../tanium/client.ts';
import type { TaniumConnection } from '../tanium/connect.ts';

export interface Fleet {
  readonly scanner: FleetScanner;
  readonly actions: FleetActions;
  readonly content: FleetContent;
  readonly tokens: FleetTokens;
  readonly connection: FleetConnection;
  /** Requests to Tanium so far, each repetition counted. */
  readonly requests: () => RequestCounts;
  readonly close: () => Promise<void>;
}

export interface FleetSurroundings extends SecretSource {
  readonly clock: Clock;
  readonly log: (record: RequestRecord) => void;
}

const noRequests: RequestCounts = { calls: 0, errors: 0, skippedRows: 0 };

/**
 * A plan that a stored scan serves, and a provider that is off, need neither token nor network: secrets are read and
 * the first connection is made at the first call.
 */
export function fleetOf(provider: DesiredProvider, surroundings: FleetSurroundings): Fleet {
  let opening: Promise<TaniumConnection> | null = null;
  let opened: TaniumConnection | null = null;
  const connection = (): Promise<TaniumConnection> => {
    opening ??= connect(provider, surroundings).then((made) => {
      opened = made;
      return made;
    });
    return opening;
  };
  return {
    scanner: {
      scan: async (request) => (await connection()).scanner.scan(request),
      scanGroup: async (request) => (await connection()).scanner.scanGroup(request),
      named: async (names, signal) => (await connection()).scanner.named(names, signal),
      locate: async (computerId, request) => (await connection()).scanner.locate(computerId, request),
      groupMembers: async (group, signal) => (await connection()).scanner.groupMembers(group, signal),
    },
    actions: {
      route: async (route, signal) => (await connection()).actions.route(route, signal),
      makeGroup: async (name, computerNames, signal) =>
        (await connection()).actions.makeGroup(name, computerNames, signal),
      removeGroup: async (name, signal) => (await connection()).actions.removeGroup(name, signal),
      issue: async (route, request, signal) => (await connection()).actions.issue(route, request, signal),
      find: async (name, signal) => (await connection()).actions.find(name, signal),
      progress: async (actionId, signal) => (await connection()).actions.progress(actionId, signal),
      async *logs(actionId, computerIds, signal) {
        yield* (await connection()).actions.logs(actionId, computerIds, signal);
      },
    },
    content: {
      look: async (request, signal) => (await connection()).content.look(request, signal),
      upload: async (bytes, signal) => (await connection()).content.upload(bytes, signal),
      createSensor: async (fields, signal) => (await connection()).content.createSensor(fields, signal),
      createPackage: async (fields, signal) => (await connection()).content.createPackage(fields, signal),
      changeSensor: async (id, fields, signal) => (await connection()).content.changeSensor(id, fields, signal),
      changePackage: async (id, fields, signal) => (await connection()).content.changePackage(id, fields, signal),
    },
    tokens: {
      list: async (signal) => (await connection()).tokens.list(signal),
      user: async (signal) => (await connection()).tokens.user(signal),
      create: async (token, signal) => (await connection()).tokens.create(token, signal),
      remove: async (id, signal) => (await connection()).tokens.remove(id, signal),
    },
    connection: {
      reach: (signal) => reach(provider, surroundings, async () => (await connection()).check(signal)),
      probe: async (signal) => (await connection()).probe(signal),
    },
    requests: () => opened?.requests() ?? noRequests,
    close: async () => opened?.close(),
  };
}

async function reach(provider: DesiredProvider, source: SecretSource, check: () => Promise<void>): Promise<Reach> {
  const { layerOf } = await import('../tanium/layer.ts');
  const began = performance.now();
  let failure: Reach['failure'] = null;
  try {
    await check();
  } catch (thrown) {
    if (isInterruption(thrown)) throw thrown;
    const error = asTrueupError(thrown);
    failure = { layer: layerOf(error), error };
  }
  const { proxy } = provider;
  const ms = Math.round(performance.now() - began);
  const url = urlOf(provider, source);
  return {
    host: url?.host ?? null,
    proxy: proxy === null ? null : (parsed(proxy.url)?.host ?? null),
    isPlain: url?.protocol === 'http:',
    failure,
    ms,
  };
}

/** Null: it is not known. */
function urlOf(provider: DesiredProvider, source: SecretSource): URL | null {
  try {
    return parsed(baseUrlOf(provider, source));
  } catch {
    return null;
  }
}

function parsed(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}

async function connect(
  provider: DesiredProvider,
  { clock, log, ...source }: FleetSurroundings,
): Promise<TaniumConnection> {
  const { connectTanium } = await import('../tanium/connect.ts');
  const { proxy } = provider;
  return connectTanium({
    baseUrl: baseUrlOf(provider, source),
    token: await readSecret(provider.apiKey, source),
    proxy:
      proxy === null
        ? null
        : {
            url: proxy.url,
            username: proxy.username,
            password: proxy.password === null ? null : await readSecret(proxy.password, source),
          },
    caFile: provider.caFile === null ? null : resolve(source.cwd, provider.caFile),
    clock,
    log,
  });
}

function baseUrlOf({ apiBaseUrl, ref }: DesiredProvider, source: SecretSource): string {
  if (typeof apiBaseUrl === 'string') return apiBaseUrl;
  const url = source.env[apiBaseUrl.env]?.trim() ?? '';
  if (url !== '') return url;
  throw new TrueupError(
    'TRUEUP_CONFIG_INVALID',
    `apiBaseUrl points to the variable ${apiBaseUrl.env}, which is not set.`,
    {
      cause: 'The address of Tanium is read from the environment, and this environment does not have it.',
      remedy: `Set ${apiBaseUrl.env} to https://NAME-api.cloud.tanium.com.`,
      source: `${ref.source.file}:${ref.source.line}`,
    },
  );
}
