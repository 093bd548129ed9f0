/** Sensors that every server has, with the ids and hashes that are known of them (tanium-api.md 6). */
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { actionLogStrings } from './action-log.ts';
import { type Evaluation, noDefinition, type SensorWire, type Source } from './sensor.ts';

export interface StockSensor {
  readonly name: string;
  /** Null: made of the name. */
  readonly hash: number | null;
  readonly category: string;
  readonly description: string;
  readonly valueType?: string;
  readonly maxAgeSeconds: number;
  readonly parameter?: string;
  readonly delimiter?: string;
  readonly columns?: readonly string[];
  readonly source: Source;
}

/** In the order of their ids, from 1 on. */
export const stockSensors: readonly StockSensor[] = [
  {
    name: 'Action Statuses',
    hash: 1792443391,
    category: 'Reserved',
    description: 'The status of actions on the client, as id:status.',
    maxAgeSeconds: 3600,
    source: { kind: 'live', values: ({ cloud, device, at }) => cloud.actions.statusesOn(device, at) },
  },
  {
    name: 'Computer ID',
    hash: 3556221173,
    category: 'Reserved',
    description: 'The number by which the server knows the client',
    valueType: 'Numeric',
    maxAgeSeconds: 300,
    source: fixed((device) => String(device.computerId)),
  },
  {
    name: 'Computer Name',
    hash: 3409330187,
    category: 'Reserved',
    description: 'The name of the computer, fully qualified where it has a domain',
    maxAgeSeconds: 86_400,
    source: fixed((device) => device.name),
  },
  {
    name: 'Download Statuses',
    hash: 322086833,
    category: 'Reserved',
    description: 'The status of downloads on the client',
    maxAgeSeconds: 3600,
    source: { kind: 'live', values: () => [] },
  },
  {
    name: 'Operating System',
    hash: 45421433,
    category: 'Operating System',
    description: 'The name of the operating system',
    maxAgeSeconds: 86_400,
    source: fixed((device) => device.os),
  },
  {
    name: 'IP Address',
    hash: 3209138996,
    category: 'Network',
    description: 'The address of the client',
    valueType: 'IPAddress',
    maxAgeSeconds: 600,
    source: fixed(addressOf),
  },
  {
    name: 'Online',
    hash: 131549066,
    category: 'Tanium',
    description: 'True for whoever answers',
    maxAgeSeconds: 86_400,
    source: fixed(() => 'True'),
  },
  {
    name: 'Is Virtual',
    hash: 1022769818,
    category: 'Hardware',
    description: 'Whether the computer is a virtual machine',
    maxAgeSeconds: 86_400,
    source: fixed((device) => (isVirtual(device) ? 'Yes' : 'No')),
  },
  {
    name: 'Chassis Type',
    hash: 2728641061,
    category: 'Hardware',
    description: 'The kind of the computer',
    maxAgeSeconds: 86_400,
    source: fixed(chassisOf),
  },
  {
    name: 'Installed Applications',
    hash: 1511329504,
    category: 'Applications',
    description: 'Name, version and uninstallation of each application',
    maxAgeSeconds: 900,
    delimiter: '|',
    columns: ['Name', 'Version', 'Silent Uninstall String', 'Uninstallable'],
    source: { kind: 'fixed', values: ({ device }) => applicationsOn(device) },
  },
  {
    name: 'Tanium Action Log',
    hash: 969736519,
    category: 'Tanium',
    description: 'The first 100 lines that the action of the given number printed',
    maxAgeSeconds: 600,
    parameter: 'actionNumber',
    source: { kind: 'script', values: actionLogStrings },
  },
  {
    name: 'Manual Group Membership',
    hash: 487883112,
    category: 'Tanium',
    description: 'The ids of the manual groups that the computer is in',
    valueType: 'Numeric',
    maxAgeSeconds: 600,
    source: { kind: 'fixed', values: ({ cloud, device }) => cloud.groups.manualGroupsOf(device.computerId) },
  },
  {
    name: 'Domain Name',
    hash: null,
    category: 'Network',
    description: 'The DNS name of the domain that the computer belongs to',
    maxAgeSeconds: 86_400,
    source: { kind: 'fixed', values: ({ device }) => (device.domain === null ? [] : [device.domain]) },
  },
  {
    name: 'OS Platform',
    hash: null,
    category: 'Operating System',
    description: 'Windows, Linux or Mac',
    maxAgeSeconds: 86_400,
    source: fixed((device) => device.platform),
  },
  {
    name: 'Is Windows',
    hash: null,
    category: 'Operating System',
    description: 'Whether the operating system is Windows',
    maxAgeSeconds: 86_400,
    source: fixed((device) => (device.platform === 'Windows' ? 'True' : 'False')),
  },
  {
    name: 'Tanium Client Version',
    hash: null,
    category: 'Tanium',
    description: 'The version of the client',
    valueType: 'Version',
    maxAgeSeconds: 86_400,
    source: fixed(() => clientVersion),
  },
];

export const clientVersion = '7.4.10.1060';

function fixed(value: (device: SimulatedDevice) => string): Source {
  return { kind: 'fixed', values: ({ device }) => [value(device)] };
}

export function addressOf({ computerId }: SimulatedDevice): string {
  return `10.${(computerId >>> 16) & 0xff}.${(computerId >>> 8) & 0xff}.${computerId & 0xff}`;
}

function isServer(device: SimulatedDevice): boolean {
  return device.platform === 'Linux' || /server/i.test(device.os);
}

function isVirtual(device: SimulatedDevice): boolean {
  return isServer(device) ? device.computerId % 8 !== 0 : device.computerId % 16 === 0;
}

function chassisOf(device: SimulatedDevice): string {
  if (isVirtual(device)) return 'Virtual';
  if (isServer(device)) return 'Rack Mount';
  return device.computerId % 4 === 1 ? 'Desktop' : 'Notebook';
}

function applicationsOn({ computerId, platform }: SimulatedDevice): string[] {
  if (platform !== 'Windows') return [];
  const all = [
    'Microsoft Edge|131.0.2903.86|nothing|Not Uninstallable',
    'Microsoft Visual C++ 2022 X64 Minimum Runtime|14.38.33130|MsiExec.exe /X{19AFE054-CA83-45D5-A9DB-4108EF4BD391} /qn /noreboot|Is Uninstallable',
    `Tanium Client|${clientVersion}|"C:\\Program Files (x86)\\Tanium\\Tanium Client\\uninst.exe" /S|Is Uninstallable`,
    '7-Zip 24.08 (x64)|24.08|"C:\\Program Files\\7-Zip\\Uninstall.exe" /S|Is Uninstallable',
  ];
  return computerId % 3 === 0 ? all : all.slice(0, 3);
}

/**
 * A sensor that an operator made. Its scripts are not run: one that takes the parameters of
 * `secureone_management.ps1` is answered by the device's own contract, and any other is said to be none of ours.
 */
export const ownSource: Source = { kind: 'script', values: ownStrings };

function ownStrings({ sensor, device }: Evaluation): readonly string[] {
  const query = sensor.wire.queries.find(({ platform }) => platform.toLowerCase() === device.platform.toLowerCase());
  if (!query) return [noDefinition];
  switch (printedBy(sensor.wire)) {
    case 'inventory':
      return [device.inventory()];
    case 'posture':
      return [device.posture()];
    case 'nothing':
      return ['TSE-Error: The simulator does not run this script'];
  }
}

type Printed = 'inventory' | 'posture' | 'nothing';

/** Of each sensor as it is, until somebody changes it: a fleet is asked for it, device by device. */
const known = new WeakMap<SensorWire, Printed>();

function printedBy(wire: SensorWire): Printed {
  const found = known.get(wire);
  if (found !== undefined) return found;
  const script = wire.queries.map((one) => one.script).find(isManagementScript);
  const printed = script === undefined ? 'nothing' : isPostureScript(script) ? 'posture' : 'inventory';
  known.set(wire, printed);
  return printed;
}

function isManagementScript(script: string): boolean {
  return /\bSimpleResult\b/.test(script) && /\bNoMeta\b/.test(script);
}

/** The same text but for its first line (3-endpoint-contract.md). */
function isPostureScript(script: string): boolean {
  return /^\s*\$DefaultAction\s*=\s*'Posture'/.test(script);
}
