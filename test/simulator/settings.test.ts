import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rights } from '../../src/simulator/api/rights.ts';
import { settingKeys } from '../../src/simulator/settings.ts';
import { deploy, inventory, startCloud } from './cloud.ts';

describe('the settings of the simulated tenant', () => {
  it('#30 take rights from a persona, and the 403 names the one that a request lacks', async () => {
    const cloud = await startCloud();
    const limited = rights.filter((right) => right !== 'Package - Write');
    expect((await cloud.post('/_sim/settings', { rights: { 0: limited } })).status).toBe(200);
    const refused = await cloud.post('/api/v2/packages', { name: 'x', command: 'x' });
    expect([refused.status, refused.json.text]).toEqual([
      403,
      '403 Forbidden\n\nREST Authorization Exception: RBACInsufficientPrivilege: The persona lacks the privilege "Package - Write"',
    ]);
    expect((await cloud.get('/api/v2/packages')).status).toBe(200);
    await cloud.post('/_sim/settings', { rights: null });
    expect((await cloud.post('/api/v2/packages', { name: 'x', command: 'x' })).status).toBe(200);
  });

  it('#72 tell who asks what its persona may do, by content set', async () => {
    const cloud = await startCloud();
    const held = ['Sensor - Read', 'Token - Use', 'Token - Write'];
    await cloud.post('/_sim/settings', { rights: { 7: held } });
    const { token_string: session } = (await cloud.post('/api/v2/api_tokens', { as_persona: 7 })).data;
    const { data } = await cloud.get('/api/v2/session/current', { session });
    expect(data).toMatchObject({ name: 'administrator', persona: { id: 7 } });
    const [global, ...sets] = data.effective_content_set_privileges;
    expect(global.content_set_privilege_list.map(({ name }: any) => name)).toEqual(['Token - Use', 'Token - Write']);
    expect(sets.map(({ content_set }: any) => content_set.name)).toContain('Base');
    for (const { content_set_privilege_list } of sets)
      expect(content_set_privilege_list).toMatchObject([{ name: 'Sensor - Read' }]);
    expect((await cloud.get('/api/v2/sensors/2', { session })).status).toBe(200);
    expect((await cloud.get('/api/v2/packages', { session })).status).toBe(403);
    expect((await cloud.post('/api/v2/api_tokens', {}, { session })).data.persona).toEqual({ id: 7 });
  });

  it('let a token expire in the middle of a run', async () => {
    const cloud = await startCloud();
    await cloud.post('/_sim/settings', { expireTokenAfter: 2 });
    const statuses = [];
    for (let request = 0; request < 4; request += 1) statuses.push((await cloud.get('/api/v2/client_count')).status);
    expect(statuses).toEqual([200, 200, 401, 401]);
  });

  it('are told apart from what is none, and stay as they are then', async () => {
    const cloud = await startCloud();
    for (const [body, message] of [
      [{ colour: 1 }, 'unknown key colour; there are rights, expireTokenAfter'],
      [{ rights: [] }, 'rights is an object of lists, by persona id'],
      [{ rights: { x: [] } }, 'x is no persona id'],
      [{ rights: { 0: 'all' } }, 'the rights of persona 0 are a list'],
      [{ rights: { 0: ['Everything'] } }, expect.stringContaining('unknown right Everything; there are Action - Read')],
      [{ rights: { 0: [] }, expireTokenAfter: -1 }, 'expireTokenAfter is a whole number of 0 or more, or null'],
    ]) {
      const refused = await cloud.post('/_sim/settings', body);
      expect([refused.status, refused.json]).toEqual([400, { error: message }]);
    }
    expect((await cloud.get('/api/v2/packages')).status).toBe(200);
  });

  it('stand in docs/simulator.md', () => {
    const page = readFileSync(new URL('../../docs/simulator.md', import.meta.url), 'utf8');
    for (const [key, what] of Object.entries(settingKeys)) expect(page).toContain(`\n| ${key} | ${what} |\n`);
  });
});

describe('content that an operator got wrong', () => {
  it('#38 has names that differ in case or by a blank at the end, byte for byte', async () => {
    const cloud = await startCloud({ bare: true });
    await cloud.post('/api/v2/sensors', { name: 'NPS Admin Members ' });
    const taken = await cloud.post('/api/v2/sensors', { name: 'nps admin members ' });
    expect(taken.json.text).toContain('SensorNameNotUnique');
    const names = (await cloud.get('/api/v2/sensors')).data.map(({ name }: any) => name);
    expect(names).toContain('NPS Admin Members ');
    expect((await cloud.get('/api/v2/sensors/by-name/NPS%20Admin%20Members%20')).status).toBe(200);
    expect((await cloud.get('/api/v2/sensors/by-name/NPS%20Admin%20Members')).status).toBe(404);
    expect((await cloud.get('/api/v2/sensors/by-name/nps%20admin%20members%20')).status).toBe(404);
  });

  it('#48 answers in columns where the sensor splits into them', async () => {
    const cloud = await startCloud();
    const subcolumns = [
      { name: 'One', index: 0 },
      { name: 'Two', index: 1 },
    ];
    await cloud.patch('/api/v2/sensors/by-name/NPS%20Admin%20Members', { subcolumns, delimiter: ',' });
    const [row] = await cloud.answers('Get Computer ID and NPS Admin Members from all machines');
    expect(Object.keys(row ?? {})).toEqual(['Computer ID', 'One', 'Two', 'Count']);
  });

  it('#65 passes a package with two parameters, and leaves the second one standing', async () => {
    const cloud = await startCloud();
    const parameters = ['$0', '$1'].map((key) => ({ key, label: key }));
    const command = 'powershell.exe -File expand_params.ps1 $0 $1';
    const changed = { command, parameter_definition: JSON.stringify({ parameters }) };
    await cloud.patch('/api/v2/packages/by-name/NPSD%20Management', changed);
    const id = await deploy(cloud, inventory);
    expect((await cloud.get(`/api/v2/actions/${id}`)).data.package_spec.command).toMatch(/\.ps1 \w+(?:%3d)* \$1$/);
  });

  it('#40 is refused where its content set does not exist, and shown with name and id where it does', async () => {
    const cloud = await startCloud();
    const made = await cloud.post('/api/v2/content_sets', { name: 'NPS-D' });
    const id = made.data.id;
    expect((await cloud.post('/api/v2/content_sets', { name: 'NPS-D' })).json.text).toContain(
      'ContentSetNameNotUnique',
    );
    const sets = (await cloud.get('/api/v2/content_sets')).data;
    expect(sets.map(({ name }: any) => name)).toEqual(['Reserved', 'Base', 'Default Computer Groups', 'NPS-D']);
    expect((await cloud.get('/api/v2/content_sets/by-name/NPS-D')).data).toMatchObject({ id });
    const refused = await cloud.post('/api/v2/sensors', { name: 'A', content_set: { name: 'Nowhere' } });
    expect([refused.status, refused.json.text]).toEqual([404, expect.stringContaining('ContentSetNotFound')]);
    const sensor = (await cloud.post('/api/v2/sensors', { name: 'A', content_set: { name: 'NPS-D' } })).data;
    expect((await cloud.get(`/api/v2/sensors/${sensor.id}`)).data.content_set).toEqual({ id, name: 'NPS-D' });
    const made2 = await cloud.post('/api/v2/packages', { name: 'P', command: 'x', content_set: { id } });
    expect(made2.data.content_set).toEqual({ id, name: 'NPS-D' });
  });
});

describe('content as the seed has an administrator make it', () => {
  it('#155 #64 has the text of the shipped script in sensor and package', async () => {
    const cloud = await startCloud();
    const shipped = readFileSync(new URL('../../powershell/secureone_management.ps1', import.meta.url), 'utf8');
    const textOf = async (name: string): Promise<string> =>
      (await cloud.get(`/api/v2/sensors/by-name/${encodeURIComponent(name)}`)).data.queries[0].script;
    expect(await textOf('NPS Admin Members')).toBe(shipped);
    const posture = await textOf('NPS Posture');
    expect(posture.split('\n')[0]).toBe("$DefaultAction = 'Posture'");
    expect(posture.split('\n').slice(1)).toEqual(shipped.split('\n').slice(1));
    const { files } = (await cloud.get('/api/v2/packages/by-name/NPSD%20Management')).data;
    expect((await cloud.get(`/cache/${files[1].hash}`)).text).toBe(shipped);
  });
});
