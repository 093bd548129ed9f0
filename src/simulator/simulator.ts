/** Starts the simulated Tanium Cloud: a server on this machine, with a fleet of simulated devices behind it. */
import { type Access, openAccess } from './access.ts';
import { openActions } from './actions/actions.ts';
import { openSavedActions } from './actions/saved-actions.ts';
import { actionRoutes } from './api/action-api.ts';
import { actionGroupRoutes } from './api/action-group-api.ts';
import { contentSetRoutes, packageRoutes, sensorRoutes, uploadRoutes } from './api/content-api.ts';
import { groupRoutes } from './api/group-api.ts';
import { questionRoutes } from './api/question-api.ts';
import { savedActionRoutes } from './api/saved-action-api.ts';
import { serverRoutes } from './api/server-api.ts';
import { sessionRoutes } from './api/session-api.ts';
import { type ClockKind, startClock } from './clock.ts';
import type { Cloud } from './cloud.ts';
import { openContentSets } from './content/content-sets.ts';
import { openGroups } from './content/groups.ts';
import { openPackages } from './content/packages.ts';
import { openSensors } from './content/sensors.ts';
import { managementSensor, postureSensor } from './content/stock.ts';
import { openUploads } from './content/uploads.ts';
import { controlOf } from './control/control.ts';
import { type Draw, drawFrom } from './draw.ts';
import { noFaults } from './faults.ts';
import { type Fleet, type FleetOptions, generateFleet } from './fleet/fleet.ts';
import type { RequestCounts } from './http/answer.ts';
import type { Route } from './http/call.ts';
import { makeCertificate } from './http/certificate.ts';
import { listen } from './http/server.ts';
import { openCaches } from './questions/caches.ts';
import { openQuestions } from './questions/questions.ts';
import { openSavedQuestions } from './questions/saved-questions.ts';
import { defaultSettings } from './settings.ts';
import { openTimeline } from './timeline.ts';

export interface SimulatorOptions {
  readonly host?: '127.0.0.1';
  /** 0: a free one. */
  readonly port: number;
  readonly fleet: Fleet | FleetOptions;
  /** Milliseconds of wall clock before each answer. */
  readonly latencyMs: number;
  readonly clock: ClockKind;
  /** Without the sensor, the package and the groups that the seed has an administrator make. */
  readonly bare: boolean;
  readonly tls: boolean;
  /** Of all chance: equal seeds under a virtual clock give equal answers. */
  readonly seed: number;
}

export interface Simulator {
  readonly url: string;
  /** For the `session` header; valid for a year. */
  readonly token: string;
  /** Names for `/session/login`, all with one password; an action of the first is approved by the second. */
  readonly users: readonly string[];
  readonly password: string;
  /** What a client must trust; null: no TLS. */
  readonly caFile: string | null;
  close(): Promise<void>;
}

const tokenDays = 365;

/** @throws TRUEUP_SIMULATOR where the fleet cannot be made, or the port not be had */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { host = '127.0.0.1', port, latencyMs } = options;
  const cloud = openCloud(options);
  const counts: RequestCounts = new Map();
  const certificate = options.tls ? await makeCertificate() : null;
  try {
    const control = controlOf(cloud, counts);
    const routes = routesOf(cloud);
    const server = await listen(cloud, { host, port, latencyMs, certificate, routes, control, counts });
    return {
      url: `${certificate === null ? 'http' : 'https'}://${host}:${server.port}`,
      token: mainToken(cloud.access, cloud.timeline.now()),
      users: cloud.access.users.map(({ name }) => name),
      password: cloud.access.password,
      caFile: certificate?.caFile ?? null,
      close: async () => {
        await server.close();
        certificate?.remove();
      },
    };
  } catch (error) {
    certificate?.remove();
    throw error;
  }
}

function mainToken(access: Access, at: number): string {
  const [administrator] = access.users;
  const user = administrator ?? { id: 1, name: 'administrator' };
  return access.createToken(
    user,
    { name: 'simulator', notes: '', trusted: '', expireInDays: tokenDays, persona: 0 },
    at,
  ).value;
}

function openCloud({ fleet, clock: kind, bare, seed }: SimulatorOptions): Cloud {
  const clock = startClock(kind);
  const timeline = openTimeline(() => clock.now());
  const draws = new Map<string, Draw>();
  const draw = (purpose: string): Draw => {
    const found = draws.get(purpose) ?? drawFrom(seed, purpose);
    draws.set(purpose, found);
    return found;
  };
  const devices = 'byId' in fleet ? fleet : generateFleet(fleet);
  // Each part reaches the others through this one object, and those that are opened later only when they are called.
  const cloud = { draw, clock, timeline, fleet: devices, faults: noFaults() } as {
    -readonly [K in keyof Cloud]: Cloud[K];
  };
  cloud.settings = defaultSettings();
  cloud.memory = new Map();
  cloud.tracking = new Map();
  cloud.caches = openCaches();
  cloud.uploads = openUploads();
  cloud.access = openAccess(() => cloud.faults);
  cloud.contentSets = openContentSets();
  cloud.sensors = openSensors(timeline.now());
  const stock = bare ? [] : [managementSensor, postureSensor];
  for (const sensor of stock) cloud.sensors.create(sensor, timeline.now());
  cloud.groups = openGroups(cloud, bare);
  cloud.packages = openPackages(cloud, bare);
  cloud.questions = openQuestions(cloud);
  cloud.savedQuestions = openSavedQuestions(cloud);
  cloud.actions = openActions(cloud);
  cloud.savedActions = openSavedActions(cloud);
  return cloud;
}

function routesOf(cloud: Cloud): readonly Route[] {
  return [
    ...sessionRoutes(cloud),
    ...questionRoutes(cloud),
    ...actionRoutes(cloud),
    ...savedActionRoutes(cloud),
    ...contentSetRoutes(cloud),
    ...sensorRoutes(cloud),
    ...packageRoutes(cloud),
    ...uploadRoutes(cloud),
    ...groupRoutes(cloud),
    ...actionGroupRoutes(cloud),
    ...serverRoutes(cloud),
  ];
}
