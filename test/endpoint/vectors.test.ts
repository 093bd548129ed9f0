/** The vectors, by the encoder and decoder and by the simulated devices. */
import { describe, expect, it } from 'vitest';
import { actionNames } from '../../src/endpoint/command.ts';
import { commandLine, encodeOperations } from '../../src/endpoint/encode.ts';
import { endpointErrorCodes } from '../../src/endpoint/errors.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { isJsonObject } from '../../src/endpoint/json.ts';
import { parseCommands } from '../../src/endpoint/parse.ts';
import { TrueupError } from '../../src/errors.ts';
import {
  actionsOf,
  deviceFor,
  expectPassed,
  expectRefused,
  filled,
  refusedVectors,
  type Vector,
  vectorFiles,
  vectorsIn,
} from './vectors.ts';

describe.each(vectorFiles)('vectors of %s', (file) => {
  it.each(vectorsIn(file))('$name', (vector) => {
    expectPassed(vector, deviceFor(vector));
    for (const { commands } of actionsOf(vector)) {
      const boxes = new Map<string, string>();
      const textOf = (lines: readonly string[]): string =>
        lines.map((command) => filled(command, null, boxes)).join('\n');
      const text = textOf(commands);
      if (vector.operations)
        expect(encodeOperations(vector.operations)).toBe(Buffer.from(text, 'utf8').toString('base64'));
      const write = (): string => parseCommands(text).map(commandLine).join('\n');
      if (vector.encodable === false) expect(write).toThrow(TrueupError);
      else expect(write()).toBe(textOf(vector.written ?? commands));
    }
  });
});

describe('vectors of refused.json', () => {
  it.each(refusedVectors())('$name', (vector) => {
    const device = deviceFor(vector);
    expectRefused(vector, device);
    expect(parseInventory(device.inventory()).kind).toBe('inventory');
  });
});

const all: readonly Vector[] = vectorFiles.flatMap(vectorsIn);

describe('the vectors', () => {
  it('are 150 at least, and have every error code of the contract', () => {
    expect(all.length + refusedVectors().length).toBeGreaterThanOrEqual(150);
    const reports = [...all.flatMap(actionsOf), ...refusedVectors().map(({ report }) => ({ reports: [report] }))];
    const codes = new Set(reports.flatMap((step) => step.reports.map(({ error }) => codeOf(error))));
    expect(endpointErrorCodes.filter((code) => !codes.has(code))).toEqual([]);
  });

  it.each(actionNames)('say how %s is done', (action) => {
    const well = all.filter((vector) =>
      actionsOf(vector).some(({ reports }) =>
        reports.some(({ meta, status }) => status === 'ok' && isJsonObject(meta) && meta['action'] === action),
      ),
    );
    expect(well).not.toEqual([]);
  });

  it('have a name of their own', () => {
    const names = vectorFiles.flatMap((file) => vectorsIn(file).map(({ name }) => `${file}: ${name}`));
    expect(new Set(names).size).toBe(names.length);
  });
});

function codeOf(error: unknown): unknown {
  return isJsonObject(error) ? error['code'] : undefined;
}
