/** A sensor: what the API shows of it, and how a device answers it. */
import type { Cloud } from '../cloud.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';

export interface Sensor {
  /** As the API has it; a PATCH replaces it. */
  wire: SensorWire;
  readonly source: Source;
  deleted: boolean;
}

export interface SensorWire {
  readonly id: number;
  readonly name: string;
  readonly hash: number;
  readonly category: string;
  readonly description: string;
  readonly queries: readonly SensorQuery[];
  readonly value_type: string;
  readonly max_age_seconds: number;
  readonly delimiter: string;
  readonly subcolumns: readonly { readonly name: string; readonly index: number; readonly value_type: string }[];
  readonly ignore_case_flag: boolean;
  readonly keep_duplicates_flag: boolean;
  readonly hidden_flag: boolean;
  /** A JSON text; empty: no parameters. */
  readonly parameter_definition: string;
  readonly [key: string]: unknown;
}

export interface SensorQuery {
  readonly platform: string;
  readonly script: string;
  readonly script_type: string;
}

/**
 * `fixed`: the same for as long as the device is there. `live`: the client knows it without running anything.
 * `script`: run on the device, and its answer repeated until it is as old as the maximum age says.
 */
export interface Source {
  readonly kind: 'fixed' | 'live' | 'script';
  readonly values: (asked: Evaluation) => readonly string[];
}

export interface Evaluation {
  readonly cloud: Cloud;
  readonly sensor: Sensor;
  readonly parameters: readonly string[];
  readonly device: SimulatedDevice;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** A sensor as a question uses it. */
export interface SensorTerm {
  readonly sensor: Sensor;
  readonly parameters: readonly string[];
  /** Of `?maxAge=`; null: the sensor's own. */
  readonly maxAgeSeconds: number | null;
}

/** Tells terms apart that a device may answer differently. */
export function termKey({ sensor, parameters }: SensorTerm): string {
  return parameters.length === 0 ? String(sensor.wire.id) : JSON.stringify([sensor.wire.id, ...parameters]);
}

export function isParameterised(key: string): boolean {
  return key.startsWith('[');
}

export function sensorIdOf(key: string): number {
  return Number(/\d+/.exec(key)?.[0]);
}

/** What a script finds where Tanium cannot run it. */
export const noDefinition = 'TSE-Error: No Sensor Definition for this Platform';
