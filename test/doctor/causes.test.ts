/** The troubleshooting table: each cause is provoked, and doctor names that one and no other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { certificate, httpsServer, proxyServer } from '../tanium/wire.ts';
import { checkOf, type DoctorWorld, doctorWorld, failed, warned } from './world.ts';

/** The only check that fails is this one, and it says so. */
async function expectOnly(world: DoctorWorld, id: string, message: RegExp, remedy: RegExp): Promise<void> {
  const report = await world.examine();
  expect(failed(report)).toEqual([id]);
  expect(checkOf(report, id).message).toMatch(message);
  expect(checkOf(report, id).remedy).toMatch(remedy);
}

it('#165 a sensor that is not found: the name that is configured, and those that are near', async () => {
  const world = await doctorWorld({ options: { sensor_name: 'NPS Admin Membres' } });
  await expectOnly(world, 'option.sensor_name', /"NPS Admin Membres".*Did you mean "NPS Admin Members"/, /sensor_name/);
  const report = await world.examine();
  expect(checkOf(report, 'row.sensor')).toMatchObject({
    status: 'skipped',
    message: 'Not looked at: option.sensor_name failed.',
  });
});

it('#165 a sensor whose name differs in case alone', async () => {
  const world = await doctorWorld({ options: { sensor_name: 'nps admin members' } });
  await expectOnly(world, 'option.sensor_name', /"NPS Admin Members": upper and lower case differ/, /sensor_name/);
});

it('#69 #166 a bulk scan that updates nobody: the group is missing', async () => {
  const world = await doctorWorld({ options: { bulk_scan_group: 'NPS-D Managed Devices' } });
  await expectOnly(world, 'option.bulk_scan_group', /no computer group named "NPS-D Managed Devices"/, /./);
});

it('#166 a bulk scan that updates nobody: the group is empty', async () => {
  const world = await doctorWorld({ options: { bulk_scan_group: 'No Computers' } });
  await expectOnly(world, 'row.bulk-scan', /"No Computers" is empty/, /filter of the group/);
});

it('#69 #166 a bulk scan that updates nobody: the group holds no Windows device', async () => {
  const world = await doctorWorld({
    fleet: `devices:
  - { name: SRV-1.corp.example, kind: server }
  - { name: lnx-1.corp.example, kind: linux }
`,
    options: { bulk_scan_group: 'Linux machines' },
    isKnown: (index) => index === 0,
  });
  await makeGroup(world, 'Linux machines', 'Operating System contains linux');
  await expectOnly(world, 'row.bulk-scan', /"Linux machines" holds no Windows device/, /Windows devices/);
});

it('#166 a bulk scan that updates nobody: no device of the group is on record', async () => {
  const world = await doctorWorld({ options: { bulk_scan_group: 'One' }, isKnown: (index) => index > 0 });
  await makeGroup(world, 'One', 'Computer Name starts with "SRV-1."');
  await expectOnly(world, 'row.bulk-scan', /no Windows device of the group "One" is a computer/, /bulk_scan_group/);
});

it('#166 a bulk scan that updates nobody: no computer on record is to be scanned', async () => {
  const world = await doctorWorld({ isKnown: () => false });
  await expectOnly(world, 'row.bulk-scan', /no computer on record is to be scanned/, /enroll/);
});

it('#168 a parameter that the package shows as $0 and the options as $1', async () => {
  const world = await doctorWorld({ options: { package_param_offset: 1 }, protect: 'JITA' });
  await expectOnly(
    world,
    'option.package_param_offset',
    /takes its parameter as \$0.*package_param_offset 0 fits/,
    /to 0/,
  );
});

it('#65 #168 a package with two parameters', async () => {
  const world = await doctorWorld({ protect: 'JITA' });
  const parameters = ['$0', '$1'].map((key) => ({ key, label: key, parameterType: 'x::TextInputParameter' }));
  const parameter_definition = JSON.stringify({ parameterType: 'x::ParametersArray', parameters });
  await patched(world, '/api/v2/packages/by-name/NPSD%20Management', { parameter_definition });
  await expectOnly(
    world,
    'option.package_param_offset',
    /must take one parameter.*it takes \$0, \$1/,
    /one text parameter/,
  );
});

it('#58 #67 a command that does not use the parameter', async () => {
  const world = await doctorWorld({ protect: 'JITA' });
  const command =
    'cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile -File expand_params.ps1';
  await patched(world, '/api/v2/packages/by-name/NPSD%20Management', { command });
  await expectOnly(world, 'option.package_param_offset', /its command uses none/, /end its command with \$0/);
});

it('#51 #60 a sensor whose script is of another version than that of the package', async () => {
  const world = await doctorWorld({ protect: 'JITA' });
  const script = readFileSync('powershell/secureone_management.ps1', 'utf8').replace("'1.0.0'", "'0.9.0'");
  await patched(world, '/api/v2/sensors/by-name/NPS%20Admin%20Members', {
    queries: [{ platform: 'Windows', script, script_type: 'Powershell' }],
  });
  await expectOnly(world, 'content.sensor.script', /holds version 0\.9\.0.*should hold 1\.0\.0/, /Put secureone/);
});

it('#48 a sensor that splits its answers into columns', async () => {
  const world = await doctorWorld();
  const subcolumns = ['User', 'SID'].map((name, index) => ({ name, index, value_type: 'String' }));
  await patched(world, '/api/v2/sensors/by-name/NPS%20Admin%20Members', { subcolumns, delimiter: '|' });
  await expectOnly(world, 'content.sensor.splitColumns', /column/i, /./);
});

it('#55 #87 a package that is missing, where devices are changed', async () => {
  const world = await doctorWorld({ options: { package_name: 'NPSD Managment' }, protect: 'JITA' });
  await expectOnly(world, 'option.package_name', /Did you mean "NPSD Management"/, /package_name/);
});

it('#54 a fleet that is only scanned needs no package', async () => {
  const world = await doctorWorld({ options: { package_name: 'NPSD Managment' } });
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'option.package_name')).toMatchObject({ status: 'info' });
});

it('#87 #92 an action group that is missing', async () => {
  const world = await doctorWorld({ options: { action_group_name: 'Default - All' }, protect: 'JITA' });
  await expectOnly(world, 'option.action_group_name', /no action group named "Default - All"/, /action_group_name/);
});

it('#49 #51 a sensor of the right name with a script that is not ours', async () => {
  const world = await doctorWorld({ options: { sensor_name: 'Administrators', bulk_scan_enabled: false } });
  await made(world, '/api/v2/sensors', {
    name: 'Administrators',
    content_set: { name: 'Base' },
    queries: [{ platform: 'Windows', script: 'net localgroup Administrators', script_type: 'Powershell' }],
  });
  await expectOnly(world, 'content.sensor.foreign', /"Administrators"/, /secureone_management/);
  expect(checkOf(await world.examine(), 'row.sensor')).toMatchObject({ status: 'skipped' });
});

it('#51 answers that are no JSON on some devices are told, and no failure', async () => {
  const world = await doctorWorld({ devices: 40 });
  await world.tell('faults', { rates: { tseError: 0.2 }, seed: 5 });
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'row.sensor')).toMatchObject({ status: 'warn' });
  expect(checkOf(report, 'row.sensor').message).toMatch(/^JSON results of \d\d of 40 Windows devices/);
});

it('#167 nobody answers in time: the limit, and what is recommended', async () => {
  const world = await doctorWorld({ options: { action_timeout_seconds: 900, bulk_scan_enabled: false } });
  await world.tell('faults', { rates: { offline: 1 } });
  const report = await world.examine();
  expect(failed(report)).toEqual(['row.sensor']);
  expect(checkOf(report, 'row.sensor').message).toMatch(/action_timeout_seconds is 900; 600 to 3600 s is recommended/);
  expect(checkOf(report, 'row.sensor').remedy).toMatch(/Raise options.action_timeout_seconds/);
}, 30_000);

it('#167 a bulk scan that ran out of time is told with its limits', async () => {
  const world = await doctorWorld();
  await world.store.putScanRun(endedAs('timeout'));
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual(['bulk.last-run']);
  expect(checkOf(report, 'bulk.last-run').message).toMatch(
    /ended as timeout.*bulk_scan_timeout_seconds is 3600; action_timeout_seconds is 1200; 600 to 3600 s/,
  );
});

function endedAs(status: 'timeout'): Parameters<DoctorWorld['store']['putScanRun']>[0] {
  const none = { targeted: 0, matched: 0, unmatched: 0, missing: 0, completed: 0, failed: 0, offline: 0 };
  return {
    id: 'a1b2c3d4e5f6',
    kind: 'bulk',
    provider: 'Production Tanium',
    group: 'All Windows Computers',
    startedAt: '2026-03-02T09:14:08.000Z',
    endedAt: '2026-03-02T10:14:08.000Z',
    status,
    questionId: '7',
    actionId: null,
    totals: { ...none, fallback: 4, updated: 2 },
    retries: 0,
    apiCalls: 9,
    apiErrors: 0,
    durationSeconds: 3600,
    errors: [],
  };
}

async function makeGroup(world: DoctorWorld, name: string, text: string): Promise<void> {
  await made(world, '/api/v2/groups', { name, text });
}

async function patched({ url, token }: DoctorWorld, path: string, body: unknown): Promise<void> {
  const headers = { session: token, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'PATCH', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

async function made(
  { url, token }: DoctorWorld,
  path: string,
  body: unknown,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { session: token, 'content-type': 'application/json' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
  return ((await response.json()) as { data: Readonly<Record<string, unknown>> }).data;
}

it('#28 a name that DNS does not know', async () => {
  const world = await doctorWorld({ provider: { apiBaseUrl: 'https://acme-api.cloud.tanium.invalid' } });
  await expectOnly(world, 'tanium.dns', /\(DNS: E\w+\)/, /apiBaseUrl/);
}, 30_000);

it('#28 a port that nobody listens on', async () => {
  const world = await doctorWorld({ provider: { apiBaseUrl: 'http://127.0.0.1:1' } });
  await expectOnly(world, 'tanium.tcp', /refused the connection \(TCP\)/, /apiBaseUrl/);
}, 30_000);

it('#28 #181 a certificate that is not trusted', async () => {
  const world = await doctorWorld({ tls: true, provider: { caFile: null }, options: { bulk_scan_enabled: false } });
  await expectOnly(world, 'tanium.tls', /No trusted TLS connection/, /tls\.ca/);
}, 30_000);

it('#28 #181 a certificate that is trusted, over TLS 1.2 or later', async () => {
  const world = await doctorWorld({ tls: true, options: { bulk_scan_enabled: false } });
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'tanium.tls')).toMatchObject({ status: 'ok' });
});

it('#28 something that does not speak HTTP', async () => {
  const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const world = await doctorWorld({ provider: { apiBaseUrl: `http://127.0.0.1:${port}` } });
  await expectOnly(world, 'tanium.http', /does not answer in HTTP|closed the connection/, /./);
}, 30_000);

it('#28 #184 a proxy that does not connect', async () => {
  const world = await doctorWorld({
    provider: { proxy: { url: 'http://127.0.0.1:1', username: 'npsd', password: { env: 'PROXY_PASSWORD' } } },
    env: { PROXY_PASSWORD: 'canary-of-the-proxy' },
  });
  const report = await world.examine();
  expect(failed(report)).toEqual(['tanium.proxy']);
  expect(JSON.stringify(report)).not.toContain('canary-of-the-proxy');
}, 30_000);

it('#28 #184 a proxy that refuses the credentials, and one that takes them', async () => {
  const wanted = `Basic ${Buffer.from('npsd:canary-of-the-proxy').toString('base64')}`;
  const proxy = await proxyServer((authorization) => (authorization === wanted ? 200 : 407));
  const through = (password: string): Promise<DoctorWorld> =>
    doctorWorld({
      tls: true,
      options: { bulk_scan_enabled: false },
      provider: { proxy: { url: proxy.url, username: 'npsd', password: { env: 'PROXY_PASSWORD' } } },
      env: { PROXY_PASSWORD: password },
    });
  await expectOnly(await through('something else'), 'tanium.proxy', /refuses the credentials \(407\)/, /proxy/);
  const report = await (await through('canary-of-the-proxy')).examine();
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'tanium.proxy')).toMatchObject({ status: 'ok' });
  expect(checkOf(report, 'row.connection').message).toMatch(/through the proxy 127\.0\.0\.1:\d+\.$/);
}, 30_000);

it('#181 a server that speaks TLS 1.1 at most', async () => {
  const pair = await certificate(['127.0.0.1']);
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
  const server = await httpsServer((_, response) => void response.end(), { ...pair, ...old });
  const folder = mkdtempSync(join(tmpdir(), 'trueup-doctor-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, pair.cert);
  const world = await doctorWorld({ provider: { apiBaseUrl: server.url, caFile } });
  await expectOnly(world, 'tanium.tls', /No trusted TLS connection/, /./);
}, 30_000);

it('#29 a host that answers, and not as the Tanium API v2', async () => {
  const world = await doctorWorld();
  await world.tell('faults', { rates: { html: 1 }, seed: 2 });
  const report = await world.examine();
  expect(failed(report)).toHaveLength(1);
  expect(['tanium.api', 'tanium.http']).toContain(failed(report)[0]);
}, 30_000);

it('#30 a right that the token lacks, by its name', async () => {
  const world = await doctorWorld();
  await world.tell('faults', { rates: { forbidden: 1 } });
  await expectOnly(world, 'tanium.rights', /403/, /right/);
});

it('#158 a token that Tanium does not know', async () => {
  const world = await doctorWorld();
  await world.tell('faults', { rates: { unauthorized: 1 } });
  await expectOnly(world, 'row.api-token', /401/, /API token/);
});

it('#158 a token that cannot be read', async () => {
  const world = await doctorWorld({ provider: { apiKey: { env: 'NOT_SET' } } });
  await expectOnly(world, 'tanium.access', /NOT_SET is not set/, /reference/);
});

it('#73 a token that ends within 14 days, as Tanium shows it', async () => {
  const world = await doctorWorld();
  const { token_string } = await made(world, '/api/v2/api_tokens', { expire_in_days: 5, name: 'short' });
  world.env['TOKEN'] = String(token_string);
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual(['content.token.expiration']);
  expect(checkOf(report, 'content.token.expiration').message).toMatch(/ends in [45] days/);
});

it('two clocks that are apart', async () => {
  const world = await doctorWorld();
  world.clock.shift(-300);
  const report = await world.examine();
  expect(warned(report)).toEqual(['tanium.clock']);
  expect(checkOf(report, 'tanium.clock').message).toMatch(/(?:299|30\d) s ahead of/);
});

it('#124 a group with many devices that are not on record', async () => {
  const world = await doctorWorld({ isKnown: (index) => index < 3 });
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual(['bulk.mismatch']);
  expect(checkOf(report, 'bulk.mismatch').message).toMatch(/^3 of 6 Windows devices of the group \(50\.00 %\)/);
});

it('#78 #81 asks nothing of a fleet whose integration is declared off, and says so', async () => {
  const toggle = { name: 'tanium_cloud', enabled: false };
  const world = await doctorWorld({ provider: { enable: false, toggle } });
  const report = await world.examine();
  expect(failed(report)).toEqual([]);
  expect(checkOf(report, 'npsd.toggle')).toMatchObject({ status: 'info' });
  for (const id of ['row.sensor', 'row.single-scan', 'row.bulk-scan', 'tanium.rights', 'content.look']) {
    expect(checkOf(report, id)).toMatchObject({ status: 'skipped' });
  }
  expect(Object.keys(await world.ask<object>('requests'))).toEqual(['GET /api/v2/sensors']);
});

it('#70 #101 says of a group that nobody asks whether it is there, and no more', async () => {
  const off = { bulk_scan_enabled: false } as const;
  const there = await (await doctorWorld({ options: off })).examine();
  expect(checkOf(there, 'option.bulk_scan_group')).toMatchObject({ status: 'info' });
  expect(checkOf(there, 'option.bulk_scan_group').message).toMatch(/^"All Windows Computers": Tanium has it/);
  const missing = await (
    await doctorWorld({ options: { ...off, bulk_scan_group: 'NPS-D Managed Devices' } })
  ).examine();
  expect(failed(missing)).toEqual([]);
  expect(checkOf(missing, 'option.bulk_scan_group').message).toMatch(/: Tanium has no such group/);
});

it('what somebody accepts warns', async () => {
  const world = await doctorWorld({ options: { sensor_name: 'nps admin members' } });
  const report = await world.examine({ accept: new Set(['option.sensor_name']) });
  expect(failed(report)).toEqual([]);
  expect(warned(report)).toEqual(['option.sensor_name']);
});
