import { parseArgs } from 'node:util';
import { parseFleet } from '../src/simulator/fleet/file.ts';
import { type RealScripts, startScripts } from '../src/simulator/powershell/scripts.ts';
import { median, report } from './measure/report.ts';

export const description =
  'The sensor on one device, under the pwsh on PATH, its start left out: [--users 50] [--groups 20] [--members 100] [--runs 20]';

export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      users: { type: 'string', default: '50' },
      groups: { type: 'string', default: '20' },
      members: { type: 'string', default: '100' },
      runs: { type: 'string', default: '20' },
    },
  });
  const fleet = fleetText(Number(values.users), Number(values.groups), Number(values.members));
  const scripts = startScripts(process.env);
  try {
    const first = secondsOf(fleet, scripts);
    const times = Array.from({ length: Number(values.runs) }, () => secondsOf(fleet, scripts));
    const limit = values.users === '50' && values.groups === '20' && values.members === '100' ? { limit: 1 } : {};
    return report([
      { name: 'first, as in a new process', value: first, unit: 's', digits: 3, ...limit },
      { name: 'median', value: median(times), unit: 's', digits: 3, ...limit },
      { name: 'slowest', value: Math.max(...times), unit: 's', digits: 3 },
    ]);
  } finally {
    await scripts.close();
  }
}

/** With the making of the machine in memory, which a real one does without. */
function secondsOf(fleet: string, scripts: RealScripts): number {
  const [device] = parseFleet(fleet, 'bench', scripts).devices;
  const began = performance.now();
  const text = device?.inventory() ?? '';
  const seconds = (performance.now() - began) / 1000;
  if (!text.startsWith('{"v":1,"os":')) throw new Error(`that is no inventory: ${text.slice(0, 200)}`);
  return seconds;
}

/** A fleet file, in the JSON that YAML has room for: local accounts in each group first, then principals of a domain. */
function fleetText(userCount: number, groupCount: number, memberCount: number): string {
  const users = Array.from({ length: userCount }, (_, index) => ({
    rid: 1001 + index,
    name: `user-${index}`,
    fullName: `Benutzer ${index} für alles`,
    description: 'Made for a measurement',
    flags: ['nx'],
  }));
  const groups = Array.from({ length: groupCount }, (_, at) => ({
    sid: at === 0 ? 'S-1-5-32-544' : `~-${2000 + at}`,
    name: `group-${at}`,
    members: Array.from({ length: memberCount }, (_member, index) => {
      if (index < users.length / 2) return users[index]?.name;
      return { sid: `S-1-5-21-1-2-3-${5000 + index}`, name: `CORP\\principal ${index}`, kind: 'u' };
    }),
  }));
  return JSON.stringify({ devices: [{ name: 'SRV-1.corp.example', users, groups }] });
}
