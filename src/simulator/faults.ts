/** What goes wrong on purpose, as `POST /_sim/faults` sets it: `{offline: […], rates: {…}, seed}`. */
import { TrueupError } from '../errors.ts';
import { type Draw, drawFrom } from './draw.ts';
import { findDevice } from './fleet/find.ts';
import type { Fleet, SimulatedDevice } from './fleet/fleet.ts';
import { isRecord, type Wire } from './http/fields.ts';

/** Each rate is a share from 0 to 1: of the devices, of a device's answers or actions, or of the requests. */
export const faultRates = {
  offline: 'devices that are not connected: they answer nothing, run nothing and are counted nowhere',
  slow: 'devices that take ten times as long to answer, and to run an action',
  longActions: 'actions on a device that take ten times as long as others do',
  lateRows: 'answers that are counted at once and whose row comes 20 s later',
  duplicateRows: 'answers that stand twice in a result of one row per machine',
  unavailable: 'answers of script sensors that stay [current result unavailable] unless they are remembered',
  tseError: 'answers of script sensors that are a TSE-Error',
  zeroEstimate: 'questions whose estimated_total is 0 for the first 10 s',
  stuck: 'devices on which an action stays Running until it expires',
  lostOutput: 'actions on a device whose log file does not exist',
  cutOutput: 'actions on a device whose log ends in the middle of a line',
  hostileOutput: 'actions on a device whose log also has forged reports, control characters and a very long line',
  clockSkew: 'devices whose clock is up to three days off',
  revert: 'devices that a minute after each action are as they were before it, like a machine put back to a snapshot',
  undo: 'devices on which an administrator takes back what an action did, half a minute after it, again and again',
  gpo: 'devices whose Administrators a group policy rewrites: at once, every five minutes and after each action',
  approvalRequired: 'actions that wait for the approval of somebody else',
  unauthorized: 'requests answered with 401, as for an unknown token',
  gatewayUnauthorized: 'requests that the gateway before the server refuses with its own 401',
  expiredToken: 'requests whose token expires at that moment, for good',
  forbidden: 'requests answered with 403, as for a missing privilege',
  notFound: 'looks at the results of a question answered with 404 SensorNotFound',
  serverError: 'requests answered with 500, 502, 503 or 504',
  multipleDocuments: 'requests answered with 500 and several JSON documents, one a line',
  tooManyRequests: 'requests answered with 429 and Retry-After',
  html: 'requests answered with an HTML page, of status 200 or 502',
  reset: 'requests whose connection is reset before anything is done',
  cut: 'answers whose connection ends in the middle of the body',
  doubtful: 'POST requests that are carried out and whose connection then ends without an answer',
} as const;

export type FaultName = keyof typeof faultRates;

export interface Faults {
  /** The same answer for the same numbers, as long as these faults are set. */
  hits(name: FaultName, a: number, b?: number): boolean;
  /** A number from 0 to below 1, of the faults' seed. */
  draw(purpose: string): Draw;
  rate(name: FaultName): number;
  isOffline(device: SimulatedDevice): boolean;
  /** The number of the request, or of the look at a result, since these faults were set, from 1. */
  nextRequest(): number;
  nextLook(): number;
  /** Sessions and tokens that have expired by `expiredToken`. */
  readonly expired: Set<string>;
}

export const noFaults = (): Faults => faultsOf(new Map(), new Set(), 0);

function faultsOf(rates: ReadonlyMap<FaultName, number>, offline: ReadonlySet<number>, seed: number): Faults {
  const draws = new Map<string, Draw>();
  const draw = (purpose: string): Draw => {
    const found = draws.get(purpose) ?? drawFrom(seed, purpose);
    draws.set(purpose, found);
    return found;
  };
  const hits: Faults['hits'] = (name, a, b = 0) => {
    const rate = rates.get(name) ?? 0;
    return rate > 0 && draw(name)(a, b) < rate;
  };
  let requests = 0;
  let looks = 0;
  return {
    hits,
    draw,
    rate: (name) => rates.get(name) ?? 0,
    isOffline: ({ computerId }) => offline.has(computerId) || hits('offline', computerId),
    nextRequest: () => {
      requests += 1;
      return requests;
    },
    nextLook: () => {
      looks += 1;
      return looks;
    },
    expired: new Set(),
  };
}

/** @throws TRUEUP_SIMULATOR, naming what of the body is not to be read */
export function parseFaults(body: Wire, fleet: Fleet): Faults {
  for (const key of Object.keys(body)) {
    if (!['offline', 'rates', 'seed'].includes(key)) throw wrong(`unknown key ${key}; there are offline, rates, seed`);
  }
  const { offline = [], rates = {}, seed = 0 } = body;
  if (!Array.isArray(offline)) throw wrong('offline is a list of Computer Names and Computer IDs');
  if (!isRecord(rates)) throw wrong('rates is an object');
  if (typeof seed !== 'number' || !Number.isSafeInteger(seed)) throw wrong('seed is a whole number');
  const ids = (offline as unknown[]).map((device) => {
    if (typeof device === 'string' || typeof device === 'number') return findDevice(fleet, device).computerId;
    throw wrong('offline is a list of Computer Names and Computer IDs');
  });
  const checked = Object.entries(rates).map(([name, rate]): [FaultName, number] => {
    if (!isFaultName(name)) throw wrong(`unknown rate ${name}; there are ${Object.keys(faultRates).join(', ')}`);
    if (typeof rate !== 'number' || !(rate >= 0 && rate <= 1)) throw wrong(`the rate ${name} is a share from 0 to 1`);
    return [name, rate];
  });
  return faultsOf(new Map(checked), new Set(ids), seed);
}

function isFaultName(name: string): name is FaultName {
  return Object.hasOwn(faultRates, name);
}

function wrong(message: string): TrueupError {
  return new TrueupError('TRUEUP_SIMULATOR', message);
}
