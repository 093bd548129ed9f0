/**
 * Makes one plan and says what it found: `plan-once.ts ROWS CONFIG first|enrolled`. ROWS holds one device's answer a line,
 * as JSON; they are streamed, as those of a scan are. `first`: nothing is recorded yet; `enrolled`: every device is, under
 * Protect.
 */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { setFlagsFromString } from 'node:v8';
import { ObservationBuilder } from '../../src/apply/intern.ts';
import { conclude, wholeLook } from '../../src/apply/survey.ts';
import { readDesired } from '../../src/desired/read.ts';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { defaultOptions } from '../../src/model/options.ts';
import { nothingSpent, type Recorded, type RecordedComputer } from '../../src/model/recorded.ts';
import type { DeviceRow } from '../../src/ports.ts';

// As bin/trueup does.
setFlagsFromString('--semi-space-growth-factor=1');

const now = '2026-03-02T09:20:00.000Z';
const [rows = '', config = '', records] = process.argv.slice(2);

const { desired, errors } = await readDesired({ paths: [config], cwd: process.cwd(), now });
const provider = desired?.providers[0];
if (desired === null || provider === undefined) throw new Error(`${config}: ${errors.length} errors`);

const builder = new ObservationBuilder(parseInventory);
const computers: RecordedComputer[] = [];
let expected = 0;
for await (const line of createInterface({ input: createReadStream(rows) })) {
  const row = JSON.parse(line) as DeviceRow;
  builder.add(row);
  expected += 1;
  if (records === 'enrolled') computers.push(enrolled(row, provider.name));
}
const observation = builder.build({ at: '2026-03-02T09:19:31Z', ageSeconds: 0, expected, groupMembers: new Map() });

const recorded: Recorded = {
  owner: 'embedded',
  toggle: records === 'enrolled' ? { name: 'tanium_cloud', enabled: true } : null,
  providers: records === 'enrolled' ? [providerRow(provider.name)] : [],
  computers,
  applied: new Map(),
  spent: nothingSpent,
  contests: new Map(),
  orphans: new Map(),
  credentials: new Map(),
  actors: new Map(),
  rollout: null,
};
const clock = { now: () => now, sleep: () => Promise.resolve() };
const { plan } = conclude({ desired, provider, labels: new Map(), clock }, recorded, observation, null, wholeLook);

console.log(
  JSON.stringify({
    devices: observation.devices.length,
    texts: observation.texts.length,
    changes: plan.changes.length,
    actions: plan.bounds.actions,
    lowerBound: plan.bounds.lowerBound,
  }),
);

function providerRow(name: string): Recorded['providers'][number] {
  return {
    id: 'p1',
    provider: 'tanium_cloud',
    name,
    enable: true,
    apiBaseUrl: null,
    proxyUrl: null,
    proxyUsername: null,
    options: { ...defaultOptions },
  };
}

function enrolled(row: DeviceRow, edrIntegration: string): RecordedComputer {
  return {
    id: row.computerId,
    name: row.name,
    computerId: row.computerId,
    machineSid: null,
    identityConflict: null,
    domain: row.domain,
    ou: null,
    os: row.os,
    scan: true,
    protect: 'JITA',
    offlineAccess: 'Unmanaged',
    edrIntegration,
    insertedAt: '2026-01-01T00:00:00Z',
    lastSeenAt: null,
    lastScan: null,
    appliedSignature: null,
    failedSubjects: [],
    pendingUntil: null,
    sessions: [],
  };
}
