/** The vectors of the endpoint contract, and what it means that somebody passes one (test/vectors/endpoint/README.md). */
import { createHash, createPrivateKey, createPublicKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { parse } from 'yaml';
import { openBox, publicKeyText, readPublicKey, sealBox } from '../../src/endpoint/envelope.ts';
import { asciiJson, type JsonObject } from '../../src/endpoint/json.ts';
import { decodeReports, encodeReport, type ReportForm } from '../../src/endpoint/report.ts';
import type { Operation } from '../../src/model/operation.ts';
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import type { SimulatedDevice } from '../../src/simulator/fleet/fleet.ts';
import type { Scripts } from '../../src/simulator/windows/scripts.ts';

export const vectorFolder: URL = new URL('../vectors/endpoint/', import.meta.url);

/** One step after the other on one machine; a vector without `steps` is its only one itself. */
export interface Vector extends Partial<ActionStep>, Partial<SensorStep> {
  readonly name: string;
  readonly machine: string;
  /** Keys of the machine's entry that are others for this vector. */
  readonly with?: JsonObject;
  readonly steps?: readonly Step[];
  readonly operations?: readonly Operation[];
  readonly encodable?: false;
  /** The commands as the encoder writes them, where that is not how they stand here. */
  readonly written?: readonly string[];
  readonly form?: 'json';
}

export type Step = ActionStep | SensorStep;

interface ActionStep {
  readonly commands: readonly string[];
  readonly reports: readonly JsonObject[];
  /** ISO time of the machine's clock; left out: where it stands. */
  readonly at?: string;
  /** RID of an account whose present password is in the last envelope. */
  readonly sealed?: number;
  /** A regular expression that the text in the last envelope matches. */
  readonly matches?: string;
  /** RID of an account, and the password that it has now. */
  readonly passwords?: Readonly<Record<string, string>>;
}

interface SensorStep {
  readonly sensor: 'Inventory' | 'Posture';
  /** The whole text that it prints. */
  readonly answer?: JsonObject;
  /** Part of it. */
  readonly shows?: JsonObject;
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

const machines: readonly JsonObject[] = parse(readFileSync(new URL('machines.yaml', vectorFolder), 'utf8')).devices;

/** A fresh one each time: vectors do not see each other's changes. */
export function deviceFor(vector: Pick<Vector, 'machine' | 'with'>, scripts?: Scripts): SimulatedDevice {
  const entry = machines.find(({ name }) => name === vector.machine);
  const text = JSON.stringify({ devices: [{ ...entry, ...vector.with }] });
  const [device] = parseFleet(text, vector.machine, scripts).devices;
  if (!device) throw new Error(`machines.yaml has no ${vector.machine}`);
  return device;
}

export function machineOf(name: string, scripts?: Scripts): SimulatedDevice {
  return deviceFor({ machine: name }, scripts);
}

const testKey = createPrivateKey({
  key: JSON.parse(readFileSync(new URL(keyFile, vectorFolder), 'utf8')),
  format: 'jwk',
});

export function stepsOf(vector: Vector): readonly Step[] {
  return vector.steps ?? [vector as Step];
}

export function actionsOf(vector: Vector): readonly ActionStep[] {
  return stepsOf(vector).filter((step) => 'commands' in step);
}

/**
 * What `<…>` in a command stands for: `<test key>`; a text `<sealed …>` to the session's key, or to the test key where there
 * is no session yet; `<foreign …>`, to the test key in any case; `<kept …>`, the box in which the text was sealed before.
 */
export function filled(command: string, sessionKey: string | null, boxes: Map<string, string> = new Map()): string {
  return command
    .replaceAll('<test key>', publicKeyText(createPublicKey(testKey)))
    .replace(/<(sealed|foreign|kept) (.*?)>/, (_, how: string, text: string) => {
      const name = `${how === 'foreign' ? how : sessionKey} ${text}`;
      const box = boxes.get(how === 'kept' ? text : name) ?? sealed(text, how === 'foreign' ? null : sessionKey);
      boxes.set(name, box).set(text, box);
      return box;
    });
}

function sealed(text: string, sessionKey: string | null): string {
  return sealBox(text, (sessionKey && readPublicKey(sessionKey)) || createPublicKey(testKey));
}

/** Does all steps, and compares what is printed byte by byte but for what differs from run to run. */
export function expectPassed(vector: Vector, device: SimulatedDevice): void {
  const form = vector.form ?? 'base64';
  const boxes = new Map<string, string>();
  let sessionKey: string | null = null;
  for (const step of stepsOf(vector)) {
    if ('sensor' in step) {
      expectAnswered(step, device);
      continue;
    }
    const { commands, reports, at } = step;
    const text = commands.map((command) => filled(command, sessionKey, boxes)).join('\n');
    const lines = device.run(Buffer.from(text, 'utf8').toString('base64'), at === undefined ? undefined : new Date(at));
    const printed = lines.map((line) => printedLine(line, form));
    expect(printed.map(({ json }) => json)).toEqual(reports);
    // In the same order of keys, too.
    expect(printed.map(({ json }) => asciiJson(json))).toEqual(reports.map(asciiJson));
    const decoded = decodeReports(lines);
    expect(decoded).toMatchObject({ expected: commands.length, cut: false, ignored: 0 });
    expect(decoded.reports.map((report) => encodeReport(report, form))).toEqual(lines);
    sessionKey = printed.map(({ publicKey }) => publicKey).findLast((key) => key !== null) ?? sessionKey;
    expectPasswords(step, device, printed.at(-1)?.passwords.at(-1) ?? '');
  }
}

function expectAnswered({ sensor, answer, shows }: SensorStep, device: SimulatedDevice): void {
  const text = sensor === 'Posture' ? device.posture() : device.inventory();
  if (answer) expect(text).toBe(asciiJson(answer));
  if (shows) expect(JSON.parse(text)).toMatchObject(shows);
}

function expectPasswords({ sealed, matches, passwords = {} }: ActionStep, device: SimulatedDevice, last: string): void {
  if (matches !== undefined) expect(last).toMatch(new RegExp(matches));
  const known = Object.entries(sealed === undefined ? passwords : { [sealed]: last, ...passwords });
  const users = device.truth().users;
  for (const [rid, text] of known) {
    const id = createHash('sha256').update(text, 'utf8').digest('hex');
    expect(users.find((user) => String(user.rid) === rid)?.passwordId).toBe(id);
  }
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
