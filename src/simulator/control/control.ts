/** The simulator's own end points: the truth about the fleet, and what happens to it (7-command-line.md). */
import { TrueupError } from '../../errors.ts';
import type { Cloud } from '../cloud.ts';
import { parseFaults } from '../faults.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import type { RequestCounts } from '../http/answer.ts';
import { json, type Reply } from '../http/call.ts';
import { isRecord, type Wire } from '../http/fields.ts';
import type { Control } from '../http/server.ts';
import { changeSettings } from '../settings.ts';
import { disturbanceFrom } from './drift.ts';
import { setFaults } from './faults.ts';
import { issuedActions } from './issued.ts';

export function controlOf(cloud: Cloud, counts: RequestCounts): Control {
  const ends: Readonly<Record<string, (body: Wire) => Reply>> = {
    'GET /_sim/requests': () => json(200, Object.fromEntries([...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)))),
    'GET /_sim/devices': () => streamed(cloud.fleet.devices, (device) => device.truth()),
    'GET /_sim/actions': () => json(200, issuedActions(cloud)),
    'POST /_sim/drift': (body) => {
      const { device, change } = disturbanceFrom(cloud.fleet, body);
      device.disturb(change, new Date(cloud.timeline.now()));
      return json(200, device.truth());
    },
    'POST /_sim/faults': (body) => {
      setFaults(cloud, parseFaults(body, cloud.fleet));
      return json(200, { online: cloud.fleet.devices.filter(({ online }) => online).length });
    },
    'POST /_sim/settings': (body) => {
      changeSettings(cloud.settings, body);
      return json(200, {});
    },
    'POST /_sim/clock': (body) => {
      cloud.clock.advance(secondsIn(body));
      cloud.timeline.catchUp();
      return json(200, { now: new Date(cloud.timeline.now()).toISOString() });
    },
  };

  return (method, path, body) => {
    const end = ends[`${method} ${path}`];
    if (!end) return problem(404, `there is no ${method} ${path}; there are ${Object.keys(ends).join(', ')}`);
    try {
      cloud.timeline.catchUp();
      return end(method === 'POST' ? objectOf(body) : {});
    } catch (error) {
      if (error instanceof TrueupError) return problem(400, error.message);
      throw error;
    }
  };
}

function problem(status: number, what: string): Reply {
  return json(status, { error: what });
}

function objectOf(body: Buffer): Wire {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new TrueupError('TRUEUP_SIMULATOR', 'the body is not JSON');
  }
  if (!isRecord(value)) throw new TrueupError('TRUEUP_SIMULATOR', 'the body is not a JSON object');
  return value;
}

const longestStep = 100 * 365 * 86_400;

function secondsIn(body: Wire): number {
  const { advanceSeconds, ...others } = body;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined)
    throw new TrueupError('TRUEUP_SIMULATOR', `unknown key ${unknown}; there is advanceSeconds`);
  if (typeof advanceSeconds === 'number' && advanceSeconds >= 0 && advanceSeconds <= longestStep) return advanceSeconds;
  throw new TrueupError('TRUEUP_SIMULATOR', 'advanceSeconds is a number of 0 or more');
}

/** A list of as many objects as there are devices, made while it is sent. */
function streamed(devices: readonly SimulatedDevice[], make: (device: SimulatedDevice) => unknown): Reply {
  function* pieces(): Generator<string> {
    let piece = '[';
    for (const [index, device] of devices.entries()) {
      piece += `${index === 0 ? '' : ','}${JSON.stringify(make(device))}`;
      if (piece.length < 64 * 1024) continue;
      yield piece;
      piece = '';
    }
    yield `${piece}]`;
  }
  return { status: 200, contentType: 'application/json', body: pieces() };
}
