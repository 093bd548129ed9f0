/** What is judged from facts alone: the host, the versions, the store, the records. */
import { describe, expect, it } from 'vitest';
import type { Seen } from '../../src/doctor/context.ts';
import { lookAtHost } from '../../src/doctor/host.ts';
import { isAtLeast, judgeHost, judgeKey } from '../../src/doctor/judge/host.ts';
import { judgeComputers, judgeRecords, judgeVersion, type ProviderRecords } from '../../src/doctor/judge/npsd.ts';
import { judgeStore, type StoreLook } from '../../src/doctor/judge/store.ts';
import { TrueupError } from '../../src/errors.ts';
import type { Check } from '../../src/model/doctor.ts';
import type { RecordedProvider } from '../../src/model/recorded.ts';
import { provider } from '../reconcile/world.ts';
import { goodHost } from './world.ts';

function statuses(checks: readonly Check[]): Readonly<Record<string, string>> {
  return Object.fromEntries(checks.map(({ id, status }) => [id, status]));
}

describe('the host of NPS-D', () => {
  it('#25 #26 #36 is well with Ubuntu 22.04, Python 3.9 and the libraries', () => {
    expect(statuses(judgeHost(goodHost))).toEqual({ 'host.os': 'ok', 'host.python': 'ok', 'host.libraries': 'ok' });
  });

  it.each([
    ['host.os', { release: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' } }, /Ubuntu 20.04 or 22.04/],
    ['host.os', { release: null, system: 'Windows_NT' }, /^Windows_NT: Ubuntu/],
    ['host.python', { python: '3.8.10' }, /3.8.10.*3.9 or later/],
    ['host.python', { python: null }, /No python3/],
    [
      'host.libraries',
      { libraries: { ...goodHost.libraries, requests: '2.27.1' } },
      /requests is 2.27.1 \(2.28 or later\)/,
    ],
    [
      'host.libraries',
      { libraries: { ...goodHost.libraries, pydantic: '1.9.2' } },
      /pydantic is 1.9.2 \(1.10 or later\)/,
    ],
    [
      'host.libraries',
      { libraries: { ...goodHost.libraries, pycryptodomex: null } },
      /pycryptodomex is missing \(3.15/,
    ],
    ['host.libraries', { libraries: { ...goodHost.libraries, lxml: '4.8' } }, /lxml is 4.8 \(4.9 or later\)/],
  ] as const)('#25 #26 #36 warns of %s %j', (id, part, message) => {
    const found = judgeHost({ ...goodHost, ...part }).find((check) => check.id === id);
    expect(found).toMatchObject({ status: 'warn' });
    expect(found?.message).toMatch(message);
  });

  it('#25 #26 #36 is told elsewhere, where none of it counts', () => {
    const elsewhere = { ...goodHost, release: null, python: null, libraries: {}, isNpsdHost: false };
    expect(statuses(judgeHost(elsewhere))).toEqual({
      'host.os': 'info',
      'host.python': 'info',
      'host.libraries': 'info',
    });
  });

  it('#26 is looked at without running anything of its libraries', async () => {
    const facts = await lookAtHost(process.env);
    expect(facts.system).not.toBe('');
    expect(facts.python === null || /^3\.\d+/.test(facts.python)).toBe(true);
    expect(await lookAtHost({ PATH: '/nowhere' })).toMatchObject({ python: null, libraries: {} });
  });
});

it.each([
  ['4.4', '4.4', true],
  ['4.4.29', '4.4', true],
  ['4.2.24', '4.4', false],
  ['7.0.14', '4.4', true],
  ['10.0', '4.4', true],
  ['3.9', '3.10', false],
])('%s is at least %s: %s', (version, least, expected) => expect(isAtLeast(version, least)).toBe(expected));

describe('the key file', () => {
  it('is for its owner alone, comes from a variable, or is not there yet', () => {
    expect(judgeKey({ kind: 'file', path: 'key', keys: 2 }).status).toBe('ok');
    expect(judgeKey({ kind: 'variable', name: 'TRUEUP_KEY' }).status).toBe('ok');
    expect(judgeKey({ kind: 'none', path: 'key' }).status).toBe('info');
    const exposed = new TrueupError('TRUEUP_KEY_INVALID', 'key can be read by others.');
    expect(judgeKey(exposed)).toMatchObject({
      status: 'fail',
      message: 'key can be read by others. (TRUEUP_KEY_INVALID)',
    });
  });
});

describe('the version of NPS-D', () => {
  it.each(['2.22.12', '2.22.13', '26.03', '26.03.1', '26.09.0', '27.01'])(
    '#24 %s has the integration',
    (npsdVersion) => {
      expect(judgeVersion({ npsdVersion }).status).toBe('ok');
    },
  );
  it.each(['2.22.11', '2.21.9', '25.12', '25.12.3', '26.02', '2.23.1'])('#24 %s has not', (npsdVersion) => {
    expect(judgeVersion({ npsdVersion }).status).toBe('fail');
  });
  it('#24 is not looked at where nobody declares it', () => {
    expect(judgeVersion({ npsdVersion: null }).status).toBe('skipped');
  });
});

describe('the store', () => {
  const good: StoreLook = {
    health: {
      engine: { name: 'MongoDB', version: '7.0.14' },
      layout: 3,
      knownLayout: 3,
      bytes: 2_000_000,
      freeBytes: 40_000_000_000,
      damage: null,
    },
    heldBy: null,
    unsettled: 0,
    unfinished: 0,
  };
  const judged = (part: Partial<StoreLook['health']>, more: Partial<StoreLook> = {}): readonly Check[] =>
    judgeStore('mongodb://db/npsd', { kind: 'got', value: { ...good, ...more, health: { ...good.health, ...part } } });
  const statusOf = (checks: readonly Check[], id: string): string | undefined => statuses(checks)[id];

  it.each([
    ['4.4.29', 'ok'],
    ['8.0.1', 'ok'],
    ['4.2.24', 'fail'],
    ['4.0.28', 'fail'],
  ])('#27 MongoDB %s: %s', (version, status) => {
    expect(statusOf(judged({ engine: { name: 'MongoDB', version } }), 'store.version')).toBe(status);
  });

  it('#27 says how to go on with an older one', () => {
    const [check] = judged({ engine: { name: 'MongoDB', version: '4.2.24' } });
    expect(check?.remedy).toContain('--accept store.version');
  });

  it('tells of an older layout, of damage and of a full disk', () => {
    expect(statusOf(judged({}), 'store.layout')).toBe('ok');
    expect(statusOf(judged({ layout: 2 }), 'store.layout')).toBe('info');
    expect(statusOf(judged({ layout: 4 }), 'store.layout')).toBe('fail');
    expect(statusOf(judged({ damage: 'row 3 missing from index' }), 'store.integrity')).toBe('fail');
    expect(statusOf(judged({ freeBytes: 500_000_000 }), 'store.space')).toBe('warn');
    expect(statusOf(judged({ freeBytes: 5_000_000 }), 'store.space')).toBe('fail');
    expect(statusOf(judged({ freeBytes: null }), 'store.space')).toBe('skipped');
  });

  it('tells a run that died from one that is under way', () => {
    const heldBy = { host: 'ops-1', pid: 4711, started: '', command: 'reconcile' };
    expect(statusOf(judged({}, { unsettled: 2 }), 'store.runs')).toBe('warn');
    expect(statusOf(judged({}, { unsettled: 2, heldBy }), 'store.runs')).toBe('info');
    expect(statusOf(judged({}, { heldBy }), 'store.lease')).toBe('info');
  });
});

describe('the records', () => {
  const row: RecordedProvider = {
    id: 'p1',
    provider: 'tanium_cloud',
    name: 'Production Tanium',
    enable: true,
    apiBaseUrl: null,
    proxyUrl: null,
    proxyUsername: null,
    options: { sensor_name: 'NPS Admin Members' },
  };
  const on = { name: 'tanium_cloud', enabled: true };
  const judged = (part: Partial<ProviderRecords>, parts = {}): readonly Check[] => {
    const value: ProviderRecords = { owner: 'npsd', toggle: on, providers: [row], ...part };
    return judgeRecords(provider(parts), { kind: 'got', value });
  };
  const failing = (checks: readonly Check[]): string[] =>
    checks.filter(({ status }) => status === 'fail').map(({ id }) => id);

  it('#75 #102 #169 #170 are as they should be, and shown', () => {
    const checks = judged({});
    expect(failing(checks)).toEqual([]);
    expect(checks.find(({ id }) => id === 'npsd.toggle')?.message).toContain('{"name":"tanium_cloud","enabled":true}');
    const config = JSON.parse(checks.find(({ id }) => id === 'npsd.config')?.message ?? '') as Record<string, unknown>;
    expect(config).toMatchObject({ name: 'Production Tanium', enable: true, apiKey: '(not shown)' });
  });

  it('#75 #169 name a toggle that is off, and #76 one that has no row', () => {
    expect(failing(judged({ toggle: { ...on, enabled: false } }))).toEqual(['npsd.toggle']);
    const missing = judged({ toggle: null });
    expect(failing(missing)).toEqual(['npsd.toggle']);
    expect(missing.find(({ id }) => id === 'npsd.toggle')?.remedy).toContain('s1 migrate status');
  });

  it('#102 name a provider row that is missing, and two of them', () => {
    expect(failing(judged({ providers: [] }))).toEqual(['npsd.provider']);
    const two = judged({ providers: [row, { ...row, id: 'p2' }] });
    expect(failing(two)).toEqual(['npsd.provider']);
    expect(two.find(({ id }) => id === 'npsd.provider')?.message).toContain('p1, p2');
  });

  it('#102 name a row of a structure that nobody knows, and one that is disabled', () => {
    const unknown = { ...row, name: null, enable: null, options: {} };
    expect(judged({ providers: [unknown] }).find(({ id }) => id === 'npsd.provider')).toMatchObject({
      status: 'fail',
      remedy: 'Name the paths in EdrProvider.spec.fields.provider.',
    });
    expect(failing(judged({ providers: [{ ...row, enable: false }] }))).toEqual(['npsd.provider']);
  });

  it('#87 name the options that are not as declared', () => {
    const checks = judged({}, { options: { sensor_name: 'NPS Admin Members', action_timeout_seconds: 900 } });
    expect(checks.find(({ id }) => id === 'npsd.differences')).toMatchObject({
      status: 'warn',
      message: 'Not as declared in the provider row: action_timeout_seconds.',
    });
  });

  it('#170 #183 show no credentials and no key that is not the integration’s', () => {
    const options = { ...row.options, vendor_key: 'canary-of-a-key' };
    const secretive = {
      ...row,
      apiBaseUrl: 'https://me:canary-of-url@acme.example',
      proxyUrl: 'http://u:canary-of-proxy@p',
      options,
    };
    expect(JSON.stringify(judged({ providers: [secretive] }))).not.toContain('canary');
  });

  it('#84 leave API key and proxy password to NPS-D', () => {
    expect(judged({}).find(({ id }) => id === 'npsd.secrets')?.message).toContain('unmanaged');
    expect(judged({ owner: 'embedded' }).some(({ id }) => id === 'npsd.secrets')).toBe(false);
  });

  it('#103 name a value of a wrong type in the words of the store', () => {
    const error = new TrueupError('TRUEUP_STORE_INVALID', 'config.integration.options.package_param_offset is "0".');
    const seen: Seen<ProviderRecords> = { kind: 'error', error };
    expect(failing(judgeRecords(provider(), seen))).toEqual(['npsd.provider']);
  });

  it('#112 warn of Offline Access that is not Unmanaged', () => {
    const computer = { name: 'SRV-1', offlineAccess: 'os-best-practice' } as never;
    expect(judgeComputers(provider(), 'npsd', { kind: 'got', value: [computer] })).toMatchObject({ status: 'warn' });
  });
});
