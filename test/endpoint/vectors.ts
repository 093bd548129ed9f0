/** The vectors of the endpoint contract, and what it means that somebody passes one (test/vectors/endpoint/README.md). */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { openBox, publicKeyText, readPublicKey, sealBox } from '../../src/endpoint/envelope.ts';
import { asciiJson, type JsonObject } from '../../src/endpoint/json.ts';
import { decodeReports, encodeReport, type ReportForm } from '../../src/endpoint/report.ts';
import type { Operation } from '../../src/model/operation.ts';
import { loadFleet, type SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import type { Scripts } from '../../src/simulator/windows/scripts.ts';

export const vectorFolder: URL = new URL('../vectors/endpoint/', import.meta.url);

/** One action after the other on one machine; `commands` and `reports` alone are a single one. */
export interface Vector {
  readonly name: string;
  readonly machine: string;
  readonly steps?: readonly Step[];
  readonly commands?: readonly string[];
  readonly reports?: readonly JsonObject[];
  readonly operations?: readonly Operation[];
  readonly encodable?: false;
  readonly form?: 'json';
}

export interface Step {
  readonly commands: readonly string[];
  readonly reports: readonly JsonObject[];
  /** ISO time of the machine's clock; left out: where it stands. */
  readonly at?: string;
  /** RID of an account whose present password is in the last envelope. */
  readonly sealed?: number;
}

export interface RefusedVector {
  readonly name: string;
  readonly machine: string;
  readonly parameter: string;
  readonly report: JsonObject;
}

const refusedFile = 'refused.json';
/** The test key, an RSA key as JWK. */
const keyFile = 'key.json';
export const vectorFiles: readonly string[] = readdirSync(vectorFolder).filter(
  (name) => name.endsWith('.json') && name !== refusedFile && name !== keyFile,
);

export function vectorsIn(file: string): readonly Vector[] {
  return JSON.parse(readFileSync(new URL(file, vectorFolder), 'utf8'));
}

export function refusedVectors(): readonly RefusedVector[] {
  return JSON.parse(readFileSync(new URL(refusedFile, vectorFolder), 'utf8'));
}

/** A fresh one each time: vectors do not see each other's changes. */
export function machineOf(name: string, scripts?: Scripts): SimulatedDevice {
  const fleet = loadFleet(new URL('machines.yaml', vectorFolder).pathname, scripts);
  const found = fleet.devices.find((device) => device.name === name);
  if (!found) throw new Error(`machines.yaml has no ${name}`);
  return found;
}

const testKey = createPrivateKey({
  key: JSON.parse(readFileSync(new URL(keyFile, vectorFolder), 'utf8')),
  format: 'jwk',
});

export function stepsOf({ steps, commands = [], reports = [] }: Vector): readonly Step[] {
  return steps ?? [{ commands, reports }];
}

/** What `<…>` in a command stands for: the test key, or a text that is sealed to the session's key. */
export function filled(command: string, sessionKey: string | null): string {
  return command
    .replaceAll('<test key>', publicKeyText(createPublicKey(testKey)))
    .replace(/<sealed (.*?)>/, (_, text: string) => {
      const key = sessionKey === null ? null : readPublicKey(sessionKey);
      return sealBox(text, key ?? createPublicKey(testKey));
    });
}

/** Runs all steps, and compares each report byte by byte but for what differs from run to run. */
export function expectPassed(vector: Vector, device: SimulatedDevice): void {
  const form = vector.form ?? 'base64';
  let sessionKey: string | null = null;
  for (const { commands, reports, at, sealed } of stepsOf(vector)) {
    const text = commands.map((command) => filled(command, sessionKey)).join('\n');
    const lines = device.run(Buffer.from(text, 'utf8').toString('base64'), at === undefined ? undefined : new Date(at));
    const printed = lines.map((line) => printedLine(line, form));
    expect(printed.map(({ json }) => json)).toEqual(reports);
    // In the same order of keys, too.
    expect(printed.map(({ json }) => asciiJson(json))).toEqual(reports.map(asciiJson));
    const decoded = decodeReports(lines);
    expect(decoded).toMatchObject({ expected: commands.length, cut: false, ignored: 0 });
    expect(decoded.reports.map((report) => encodeReport(report, form))).toEqual(lines);
    sessionKey = printed.map(({ publicKey }) => publicKey).findLast((key) => key !== null) ?? sessionKey;
    if (sealed !== undefined) expectSealed(device, sealed, printed.at(-1)?.passwords.at(-1));
  }
}

function expectSealed(device: SimulatedDevice, rid: number, password: string | undefined): void {
  const user = device.truth().users.find((one) => one.rid === rid);
  expect(user?.passwordId).toBe(
    createHash('sha256')
      .update(password ?? '', 'utf8')
      .digest('hex'),
  );
}

interface Printed {
  readonly json: JsonObject;
  readonly publicKey: string | null;
  readonly passwords: readonly string[];
}

/** A report with its measured time left out, and `<box>` and `<public key>` for what the test key opens and what is one. */
function printedLine(line: string, form: ReportForm): Printed {
  const passwords: string[] = [];
  let publicKey: string | null = null;
  const json = JSON.parse(form === 'json' ? line : Buffer.from(line, 'base64').toString('latin1'), (key, value) => {
    if (key === 'box' && typeof value === 'string') {
      passwords.push(openBox(value, testKey));
      return '<box>';
    }
    if (key === 'publicKey' && typeof value === 'string' && readPublicKey(value) !== null) {
      publicKey = value;
      return '<public key>';
    }
    return value as unknown;
  }) as JsonObject & { meta?: { script?: string; ms?: number } };
  if (json.meta) {
    if (json.meta.script !== undefined) expect(json.meta.ms).toBeTypeOf('number');
    delete json.meta.ms;
  }
  return { json, publicKey, passwords };
}

/** Nothing ran, and the one report says why. */
export function expectRefused({ parameter, report }: RefusedVector, device: SimulatedDevice): void {
  const before = device.truth();
  const [found, ...more] = decodeReports(device.run(parameter)).reports;
  expect(more).toEqual([]);
  const { v, ...expected } = report as JsonObject & { v: number };
  expect(v).toBe(1);
  expect(found).toMatchObject(expected);
  expect(found?.error?.message).not.toBe('');
  expect(device.truth()).toEqual(before);
}
