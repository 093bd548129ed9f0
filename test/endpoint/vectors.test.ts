import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { commandLine, encodeOperations } from '../../src/endpoint/encode.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { parseCommands } from '../../src/endpoint/parse.ts';
import { decodeReports, encodeReport } from '../../src/endpoint/report.ts';
import { TrueupError } from '../../src/errors.ts';
import type { Operation } from '../../src/model/operation.ts';
import { loadFleet, type SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';

const folder = new URL('../vectors/endpoint/', import.meta.url);

interface Vector {
  readonly name: string;
  readonly machine: string;
  readonly commands: readonly string[];
  readonly reports: readonly object[];
  readonly operations?: readonly Operation[];
  readonly encodable?: false;
  readonly form?: 'json';
}

interface RefusedVector {
  readonly name: string;
  readonly machine: string;
  readonly parameter: string;
  readonly report: object;
}

function read<T>(file: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

/** A fresh one each time: vectors do not see each other's changes. */
function machine(name: string): SimulatedDevice {
  const fleet = loadFleet(new URL('machines.yaml', folder).pathname);
  const found = fleet.devices.find((device) => device.name === name);
  if (!found) throw new Error(`machines.yaml has no ${name}`);
  return found;
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

/** As it is printed, without the measured time. */
function printed(line: string, form: 'json' | 'base64'): object {
  const json = JSON.parse(form === 'json' ? line : Buffer.from(line, 'base64').toString('latin1'));
  if (json.meta) {
    if (json.meta.script !== undefined) expect(json.meta.ms).toBeTypeOf('number');
    delete json.meta.ms;
  }
  return json;
}

describe.each(['general.json', 'local-group.json', 'local-user.json'])('vectors of %s', (file) => {
  it.each(read<Vector>(file))('$name', (vector) => {
    const text = vector.commands.join('\n');
    const form = vector.form ?? 'base64';
    const lines = machine(vector.machine).run(base64(text));
    expect(lines.map((line) => printed(line, form))).toEqual(vector.reports);

    const decoded = decodeReports(lines);
    expect(decoded).toMatchObject({ expected: vector.commands.length, cut: false, ignored: 0 });
    expect(decoded.reports.map((report) => encodeReport(report, form))).toEqual(lines);

    if (vector.operations) expect(encodeOperations(vector.operations)).toBe(base64(text));
    const write = (): string[] => parseCommands(text).map(commandLine);
    if (vector.encodable === false) expect(write).toThrow(TrueupError);
    else expect(write()).toEqual(vector.commands);
  });
});

describe('vectors of refused.json', () => {
  it.each(read<RefusedVector>('refused.json'))('$name', ({ machine: name, parameter, report }) => {
    const device = machine(name);
    const before = device.truth();
    const [found, ...more] = decodeReports(device.run(parameter)).reports;
    expect(more).toEqual([]);
    const { v, ...expected } = report as { v: number };
    expect(v).toBe(1);
    expect(found).toMatchObject(expected);
    expect(found?.error?.message).not.toBe('');
    expect(device.truth()).toEqual(before);
    expect(parseInventory(device.inventory()).kind).toBe('inventory');
  });
});
