/** The vectors, by the encoder and decoder and by the simulated devices. */
import { describe, expect, it } from 'vitest';
import { type ActionName, actionNameOf } from '../../src/endpoint/command.ts';
import { commandLine, encodeOperations } from '../../src/endpoint/encode.ts';
import { endpointErrorCodes } from '../../src/endpoint/errors.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { parseCommands } from '../../src/endpoint/parse.ts';
import { TrueupError } from '../../src/errors.ts';
import {
  expectPassed,
  expectRefused,
  filled,
  machineOf,
  refusedVectors,
  stepsOf,
  type Vector,
  vectorFiles,
  vectorsIn,
} from './vectors.ts';

describe.each(vectorFiles)('vectors of %s', (file) => {
  it.each(vectorsIn(file))('$name', (vector) => {
    expectPassed(vector, machineOf(vector.machine));
    for (const { commands } of stepsOf(vector)) {
      const text = commands.map((command) => filled(command, null)).join('\n');
      if (vector.operations)
        expect(encodeOperations(vector.operations)).toBe(Buffer.from(text, 'utf8').toString('base64'));
      const write = (): string => parseCommands(text).map(commandLine).join('\n');
      if (vector.encodable === false) expect(write).toThrow(TrueupError);
      else expect(write()).toBe(text);
    }
  });
});

describe('vectors of refused.json', () => {
  it.each(refusedVectors())('$name', (vector) => {
    const device = machineOf(vector.machine);
    expectRefused(vector, device);
    expect(parseInventory(device.inventory()).kind).toBe('inventory');
  });
});

const all: readonly Vector[] = vectorFiles.flatMap(vectorsIn);

describe('the vectors', () => {
  it('are 150 at least, and have every action and every error code of the contract', () => {
    expect(all.length + refusedVectors().length).toBeGreaterThanOrEqual(150);
    const codes = new Set(
      all.flatMap((vector) =>
        stepsOf(vector).flatMap(({ reports }) =>
          reports.map(({ error }) => (error as { code?: string } | undefined)?.code),
        ),
      ),
    );
    for (const { report } of refusedVectors()) codes.add((report['error'] as { code: string }).code);
    expect(endpointErrorCodes.filter((code) => !codes.has(code))).toEqual([]);
    const named = new Set(
      all.flatMap((vector) =>
        stepsOf(vector).flatMap(({ commands }) => parsed(commands.map((one) => filled(one, null)).join('\n'))),
      ),
    );
    expect(actionNames.filter((name) => !named.has(name))).toEqual([]);
  });
});

function parsed(text: string): (ActionName | null)[] {
  return parseCommands(text).map(actionNameOf);
}

const actionNames: readonly ActionName[] = [
  ...(['Inventory', 'Posture', 'Usage', 'SelfTest', 'Attribution', 'NewSession', 'Acknowledge'] as const).map(
    (action) => `General.${action}` as const,
  ),
  ...(['List', 'MemberList', 'AddMember', 'RemoveMember'] as const).map((action) => `LocalGroup.${action}` as const),
  ...(
    ['List', 'Get', 'Create', 'Delete', 'Enable', 'Disable', 'SetProperty', 'Rename', 'Unlock', 'SetPassword'] as const
  ).map((action) => `LocalUser.${action}` as const),
  'LocalUser.RotatePassword',
];
