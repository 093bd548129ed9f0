/** A fleet whose devices and accounts bear hostile names, from the wire through both stores to every output of a user. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exampleFolder, simulatedCloud, temporaryFolder, trueup } from '../e2e/trueup.ts';
import { parseCsv } from '../render/csv.ts';
import { npsdWorld } from '../store/npsd-world.ts';
import { namesByTrick, unprintable } from './names.ts';

const npsd = await npsdWorld();

/** JSON is YAML; half a character is no UTF-8, and a fleet file is. An account has some name. */
const names = Object.values(namesByTrick).filter((name) => name.isWellFormed() && name.trim() !== '');

/** The simulator takes no name with blanks, and none that is too long. */
function computerName(name: string, index: number): string {
  return /^[^\s.]\S{0,254}$/.test(name) ? name : `PC-${index}`;
}

function ordinaryName(_name: string, index: number): string {
  return `PC-${index}`;
}

function fleetFile(nameOf: (name: string, index: number) => string): string {
  const devices = names.map((name, index) => ({
    name: nameOf(name, index),
    computerId: 2000 + index,
    domain: 'corp.example',
    users: [{ rid: 1001, name }],
    groups: [{ sid: 'S-1-5-32-544', name: 'Administrators', members: ['~-500', '~-1001'] }],
  }));
  const path = join(temporaryFolder(), 'fleet.yaml');
  writeFileSync(path, JSON.stringify({ devices }));
  return path;
}

async function expectNames(at: {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<void> {
  const said: string[] = [];
  const run = async (...words: string[]): Promise<string> => {
    const { code, stdout, stderr } = await trueup([...words, '--verbose', '--log-dir', 'logs'], at);
    // The embedded store has no computer on record yet, and a scan makes none.
    const ends = words[0] === 'scan' ? [0, 4, 6] : [0, 2, 6];
    expect(ends, `${words.join(' ')}: ${stderr}`).toContain(code);
    said.push(stdout, stderr);
    return stdout;
  };
  await run('scan', '--json');
  await run('plan', '--devices');
  await run('reconcile', '--once', '--notify', 'cat >> events.jsonl');
  await run('drift', '--devices');
  await run('explain', '2003');
  await run('report', 'admins', '--format', 'markdown');
  await run('report', 'admins', '--format', 'html');

  const { rows } = JSON.parse(await run('report', 'admins', '--json')) as {
    rows: readonly { computerId: string; device: string; account: string; sid: string }[];
  };
  const accounts = new Map(rows.filter(({ sid }) => sid === '~-1001').map((row) => [row.computerId, row.account]));
  expect(accounts).toEqual(new Map(names.map((name, index) => [String(2000 + index), name])));
  const [keys = [], ...records] = parseCsv(await run('report', 'admins'));
  expect(records).toHaveLength(rows.length);
  for (const record of records) {
    expect(record).toHaveLength(keys.length);
    expect(record[keys.indexOf('device')]).not.toMatch(/^\s*[=+\-@＝]/);
  }
  for (const log of ['svc_scan.log', 'bulk_scan.log', 'tanium_api.log']) {
    const text = readFileSync(join(at.cwd, 'logs', log), 'utf8');
    said.push(text);
    for (const line of text.split('\n').slice(0, -1)) JSON.parse(line);
  }
  for (const text of said) expect(unprintable.exec(text.replaceAll(/\r?\n/g, ''))).toBeNull();
}

it('is told as it is from the embedded store', { timeout: 200_000 }, async () => {
  const cloud = await simulatedCloud('--fleet', fleetFile(computerName));
  await expectNames({ cwd: exampleFolder(), env: cloud.env });
});

it.skipIf(npsd === null)('is told as it is beside NPS-D', { timeout: 200_000 }, async () => {
  if (npsd === null) return;
  const cloud = await simulatedCloud('--fleet', fleetFile(ordinaryName));
  await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
  await npsd.insertProvider({ api_base_url: cloud.url });
  const policy = { scan: true, secure: false, strict_secure: false };
  // NPS-D has no record of a name that no directory takes; accounts of a machine it does not name.
  for (const [index, name] of names.entries()) {
    await npsd.insertComputer({
      cn: ordinaryName(name, index),
      os: 'Windows Server 2022 Standard',
      policy,
      edr_integration: 'tanium_cloud',
    });
  }
  await expectNames({ cwd: exampleFolder(), env: { ...cloud.env, TRUEUP_STORE: npsd.url } });
});
