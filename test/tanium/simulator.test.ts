/** The client against the simulated Tanium Cloud, over real HTTP and HTTPS. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../src/ports.ts';
import { parseFleet } from '../../src/simulator/fleet/file.ts';
import { type Fleet, generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { startSimulator } from '../../src/simulator/simulator.ts';
import { connectTanium } from '../../src/tanium/connect.ts';
import { describeFleet, type FleetUnderTest } from './conformance.ts';

const wallClock: Clock = {
  now: () => new Date().toISOString(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }),
};

/** Windows devices of every kind, and two that are something else. */
function mixedFleet(): Fleet {
  const windows = generateFleet({ devices: 60, drift: 0.2, seed: 7 });
  const others = parseFleet(
    'devices: [{ name: lnx-1.corp.example, kind: linux }, { name: mac-1, kind: mac }]',
    'mixed',
  );
  return { devices: [...windows.devices, ...others.devices], byId: new Map([...windows.byId, ...others.byId]) };
}

async function open(tls: boolean): Promise<FleetUnderTest> {
  const fleet = mixedFleet();
  const simulator = await startSimulator({ port: 0, fleet, latencyMs: 0, clock: 'fast', bare: false, tls, seed: 7 });
  const connection = connectTanium({
    baseUrl: simulator.url,
    token: simulator.token,
    proxy: null,
    caFile: simulator.caFile,
    clock: wallClock,
  });
  return {
    connection,
    devices: new Map(fleet.devices.map(({ computerId, name }) => [String(computerId), name])),
    windows: new Set(
      fleet.devices.filter(({ platform }) => platform === 'Windows').map(({ computerId }) => String(computerId)),
    ),
    close: async () => {
      await connection.close();
      await simulator.close();
    },
  };
}

describeFleet('the simulated Tanium Cloud', () => open(false));
describeFleet('the simulated Tanium Cloud under TLS', () => open(true));
