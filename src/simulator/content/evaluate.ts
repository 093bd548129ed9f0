/** What a device says when it is asked a sensor, from its memory where that is young enough. */
import type { Cloud } from '../cloud.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { isParameterised, type Sensor, type SensorTerm, sensorIdOf, termKey } from './sensor.ts';

interface Remembered {
  readonly at: number;
  readonly strings: readonly string[];
}

/** What the clients remember of scripts they ran: by term, then by Computer ID. */
export type SensorMemory = Map<string, Map<number, Remembered>>;

/** Terms that are remembered; each action's log is one, and the oldest of those goes first. */
const maxTerms = 500;

/** The values; none: `[no results]`. A script is run again only when its answer is as old as the maximum age. */
export function evaluate(cloud: Cloud, term: SensorTerm, device: SimulatedDevice, at: number): readonly string[] {
  if (term.sensor.source.kind !== 'script') return run(cloud, term, device, at);
  const remembered = memoryOf(cloud, term);
  const last = remembered.get(device.computerId);
  if (last && isYoung(cloud, term, last, at)) return last.strings;
  const strings = run(cloud, term, device, at);
  remembered.set(device.computerId, { at, strings });
  return strings;
}

/** Whether the device would answer from its memory. */
export function isRemembered(cloud: Cloud, term: SensorTerm, device: SimulatedDevice, at: number): boolean {
  const last = cloud.memory.get(termKey(term))?.get(device.computerId);
  return last !== undefined && isYoung(cloud, term, last, at);
}

function run(cloud: Cloud, { sensor, parameters }: SensorTerm, device: SimulatedDevice, at: number): readonly string[] {
  return sensor.source.values({ cloud, sensor, parameters, device, at });
}

function isYoung(cloud: Cloud, { sensor, maxAgeSeconds }: SensorTerm, last: Remembered, at: number): boolean {
  const own = sensor.wire.max_age_seconds * 1000;
  return at - last.at < (maxAgeSeconds === null ? own : cloud.clock.span(maxAgeSeconds * 1000));
}

function memoryOf({ memory }: Cloud, term: SensorTerm): Map<number, Remembered> {
  const key = termKey(term);
  const found = memory.get(key);
  if (found) return found;
  const made = new Map<number, Remembered>();
  memory.set(key, made);
  if (memory.size > maxTerms) {
    const oldest = [...memory.keys()].find(isParameterised);
    if (oldest !== undefined) memory.delete(oldest);
  }
  return made;
}

/** A sensor whose script has changed is another one: nobody remembers it. */
export function forget({ memory }: Cloud, sensor: Sensor): void {
  for (const key of memory.keys()) if (sensorIdOf(key) === sensor.wire.id) memory.delete(key);
}
