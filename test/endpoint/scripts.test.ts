/** The vectors once more, by the scripts themselves: a real PowerShell, and a SAM made of machines.yaml. */
import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { asciiJson } from '../../src/endpoint/json.ts';
import { decodeReports } from '../../src/endpoint/report.ts';
import { loadFleet } from '../../src/simulator/fleet/fleet.ts';
import { startScripts } from '../../src/simulator/powershell/scripts.ts';
import type { WindowsDevice } from '../../src/simulator/windows/device.ts';
import { pwsh } from './powershell.ts';

const folder = new URL('../vectors/endpoint/', import.meta.url);

interface Vector {
  readonly name: string;
  readonly machine: string;
  readonly commands?: readonly string[];
  readonly reports?: readonly object[];
  readonly parameter?: string;
  readonly report?: object;
  readonly form?: 'json';
}

const files = readdirSync(folder).filter((name) => name.endsWith('.json'));

function read(file: string): readonly Vector[] {
  return JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
}

describe.skipIf(pwsh === null)('the scripts', () => {
  const scripts = pwsh === null ? null : startScripts(process.env);
  afterAll(() => scripts?.close());

  /** A fresh one each time: vectors do not see each other's changes. */
  function machine(name: string): WindowsDevice {
    const fleet = loadFleet(new URL('machines.yaml', folder).pathname, scripts ?? undefined);
    const found = fleet.devices.find((device) => device.name === name);
    if (!found) throw new Error(`machines.yaml has no ${name}`);
    return found as WindowsDevice;
  }

  /** The text of a report, without the measured time. */
  function textOf(line: string, form: 'json' | undefined): string {
    const text = form === 'json' ? line : Buffer.from(line, 'base64').toString('latin1');
    return text.replace(/,"ms":\d+(?=\})/, '');
  }

  describe.each(files)('%s', (file) => {
    it.each(read(file))('$name', ({ machine: name, commands, reports, parameter, report, form }) => {
      const device = machine(name);
      if (commands) {
        const lines = device.run(Buffer.from(commands.join('\n'), 'utf8').toString('base64'));
        const texts = lines.map((line) => textOf(line, form));
        expect(texts.map((text) => JSON.parse(text))).toEqual(reports);
        // In the same order, too.
        expect(texts).toEqual(reports?.map(asciiJson));
        return;
      }
      const before = device.truth();
      const [found, ...more] = decodeReports(device.run(parameter ?? '')).reports;
      expect(more).toEqual([]);
      const { v, ...expected } = report as { v: number };
      expect(v).toBe(1);
      expect(found).toMatchObject(expected);
      expect(found?.error?.message).not.toBe('');
      expect(device.truth()).toEqual(before);
    });
  });
});
