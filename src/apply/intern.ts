import type { DeviceRows } from '../fleet-ports.ts';
import type { Observation, ObservedText } from '../model/observed.ts';
import type { DeviceRow } from '../ports.ts';
import { deviceColumns } from './device-columns.ts';

/** What a sensor's answer came to. */
interface Parsed {
  readonly text: string;
  readonly kind: string;
}

/**
 * Collects the rows of a scan: each distinct text is kept and parsed once, each device refers to its text by index.
 * A device that is added again (a verifying scan) takes the place of its earlier row.
 */
export class ObservationBuilder<T extends Parsed = ObservedText> {
  readonly #parse: (text: string) => T;
  readonly #texts: T[] = [];
  readonly #indexOf = new Map<string, number>();
  readonly #devices = deviceColumns();

  constructor(parse: (text: string) => T) {
    this.#parse = parse;
  }

  add(row: DeviceRow): void {
    this.#devices.put(row, this.#indexedText(row.text));
  }

  async addScanned(rows: DeviceRows): Promise<void> {
    if (rows.pages === undefined) for await (const row of rows) this.add(row);
    else for await (const page of rows.pages) this.#addPage(page);
  }

  /** By itself, since a loop of an async function is never made fast. */
  #addPage(page: readonly DeviceRow[]): void {
    for (const row of page) this.add(row);
  }

  /** The same, unless the answer is no inventory: then nothing is added. Answers whether it was. */
  addInventory(row: DeviceRow): boolean {
    const text = this.#indexedText(row.text);
    if (this.#texts[text]?.kind !== 'inventory') return false;
    this.#devices.put(row, text);
    return true;
  }

  #indexedText(given: string): number {
    const known = this.#indexOf.get(given);
    if (known !== undefined) return known;
    const index = this.#texts.push(this.#parse(given)) - 1;
    this.#indexOf.set(given, index);
    return index;
  }

  /** Copies what an earlier observation holds of a fleet, as the base for newer rows. */
  addAll(observation: Observation<T>): void {
    for (const row of rowsOf(observation)) this.add(row);
  }

  build(scan: Pick<Observation, 'at' | 'ageSeconds' | 'expected' | 'groupMembers'>): Observation<T> {
    return { ...scan, texts: this.#texts, devices: this.#devices };
  }
}

/** The rows again, for the store: texts are shared, nothing is copied. */
export function* rowsOf(observation: Pick<Observation<Parsed>, 'devices' | 'texts'>): Generator<DeviceRow> {
  for (const device of observation.devices) {
    const text = observation.texts[device.text];
    if (text === undefined) continue;
    yield { computerId: device.computerId, name: device.name, domain: device.domain, os: device.os, text: text.text };
  }
}
