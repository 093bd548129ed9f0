/** Content and tokens over real HTTP: against the simulated Tanium Cloud, and what only other servers answer. */
import { createHash } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ContentRequest, SensorFields } from '../../src/fleet-ports.ts';
import { rights } from '../../src/simulator/api/rights.ts';
import { connectTanium, type TaniumConnection } from '../../src/tanium/connect.ts';
import { surface } from '../../src/tanium/surface.ts';
import { type Cloud, startCloud } from '../simulator/cloud.ts';
import { httpServer, json, quickClock } from './wire.ts';

const request: ContentRequest = {
  sensor: 'NPS Admin Members',
  postureSensor: 'NPS Posture',
  packageName: 'NPSD Management',
  knownHashes: new Set(),
};

function connected({ url, token }: Pick<Cloud, 'url' | 'token'>): TaniumConnection {
  const connection = connectTanium({ baseUrl: url, token, proxy: null, caFile: null, clock: quickClock() });
  onTestFinished(() => connection.close());
  return connection;
}

const ourSensor: SensorFields = {
  name: 'Mine',
  description: 'x',
  contentSet: 'Base',
  category: 'Security',
  valueType: 'String',
  maxAgeSeconds: 600,
  maxStringAgeMinutes: 1440,
  maxStrings: 10_000,
  ignoreCase: false,
  hidden: false,
  columns: [],
  queries: [{ platform: 'Windows', scriptType: 'Powershell', script: 'Get-Date' }],
};

describe('a look at the content', () => {
  it('#37 sees every property of both sensors, of the package with its files, of groups, sets and tokens', async () => {
    const cloud = await startCloud();
    const { content, requests } = connected(cloud);
    const seen = await content.look(request);
    expect(seen.sensor).toMatchObject({
      name: 'NPS Admin Members',
      near: [],
      found: {
        contentSet: 'Base',
        category: 'Security',
        valueType: 'String',
        maxAgeSeconds: 600,
        maxStringAgeMinutes: 0,
        maxStrings: 0,
        ignoreCase: false,
        hidden: false,
        columns: [],
        parameters: [],
      },
    });
    expect(seen.sensor.found?.queries.map(({ platform, scriptType }) => `${platform} ${scriptType}`)).toEqual([
      'Windows Powershell',
      'Linux UnixShell',
      'Mac UnixShell',
    ]);
    expect(seen.postureSensor?.found?.queries[0]?.script.split('\n')[0]).toBe("$DefaultAction = 'Posture'");
    expect(seen.package.found).toMatchObject({
      displayName: 'NPS-D Management Package',
      contentSet: 'Base',
      commandTimeoutSeconds: 180,
      expireSeconds: 780,
      skipLock: false,
      processGroup: true,
      parameters: [{ key: '$0', label: 'EncodedCommand', type: 'TextInputParameter' }],
    });
    for (const { hash, text, size, cacheStatus } of seen.package.found?.files ?? []) {
      expect(
        createHash('sha256')
          .update(text ?? '')
          .digest('hex'),
      ).toBe(hash);
      expect([size, cacheStatus]).toEqual([text?.length, 'Cached']);
    }
    expect(seen.contentSets).toContain('Base');
    expect(seen.computerGroups).toContainEqual({
      id: expect.any(Number),
      name: 'All Windows Computers',
      text: 'Operating System contains windows',
    });
    expect(seen.computerGroups?.map(({ name }) => name)).not.toContain('Default - All Computers');
    expect(seen.actionGroups).toContainEqual({
      id: expect.any(Number),
      name: 'Default - All Computers',
      groups: ['All Computers'],
    });
    expect(seen.tokens).toMatchObject([{ name: 'simulator', userId: 1, personaId: 0, expireInDays: 365 }]);
    expect(seen.persona?.privileges.map(({ name }) => name).toSorted()).toEqual([...rights].toSorted());
    expect(requests().calls).toBe(10);
  });

  it('fetches the text of no file whose hash is known', async () => {
    const cloud = await startCloud();
    const { content, requests } = connected(cloud);
    const files = (await content.look(request)).package.found?.files ?? [];
    const before = requests().calls;
    const again = await content.look({ ...request, knownHashes: new Set(files.map(({ hash }) => hash)) });
    expect(again.package.found?.files.map(({ text }) => text)).toEqual([null, null]);
    expect(requests().calls - before).toBe(8);
  });

  it('takes a page of a gateway, an error and another file for no text of a file', async () => {
    const file = { id: 1, name: 'a.ps1', hash: 'ab'.repeat(32), size: 5 };
    for (const [status, body] of [
      [200, '<!DOCTYPE html><html></html>'],
      [200, 'other'],
      [403, 'no'],
      [502, 'no'],
    ] as const) {
      const server = await httpServer(({ url }, response) => {
        if (url.pathname.startsWith('/cache/')) response.writeHead(status).end(body);
        else if (url.pathname.includes('packages/by-name'))
          json(response, 200, { data: { id: 3, name: 'NPSD Management', files: [file] } });
        else if (url.pathname.includes('by-name')) json(response, 404, { text: '404 Not Found' });
        else json(response, url.pathname.includes('content_sets') ? 400 : 200, { data: [] });
      });
      const seen = await connected({ url: server.url, token: 'token-0123456789abcdef' }).content.look(request);
      expect(seen.package.found?.files).toMatchObject([{ name: 'a.ps1', text: null }]);
      expect(seen.contentSets).toBeNull();
    }
  });

  it('#165 #38 says which names are near where there is none', async () => {
    const cloud = await startCloud({ bare: true });
    for (const name of ['nps admin members', 'NPS Posture ']) await cloud.post('/api/v2/sensors', { name });
    await cloud.post('/api/v2/packages', { name: 'NPSD Managment', command: 'x' });
    const seen = await connected(cloud).content.look(request);
    expect([seen.sensor, seen.postureSensor, seen.package].map((one) => [one?.found, one?.near])).toEqual([
      [null, ['nps admin members']],
      [null, ['NPS Posture ']],
      [null, ['NPSD Managment']],
    ]);
  });

  it('#72 knows nothing of what the token may not see, and says by name which right a sensor needs', async () => {
    const cloud = await startCloud();
    const read = ['Token - Use', 'Sensor - Read', 'Package - Read'];
    await cloud.post('/_sim/settings', { rights: { 0: read } });
    const { content } = connected(cloud);
    const seen = await content.look(request);
    expect([seen.contentSets, seen.computerGroups, seen.actionGroups, seen.tokens]).toEqual([null, null, null, null]);
    expect(seen.persona?.privileges.map(({ name }) => name).toSorted()).toEqual(read.toSorted());
    await cloud.post('/_sim/settings', { rights: { 0: ['Token - Use'] } });
    await expect(content.look(request)).rejects.toMatchObject({ code: 'TRUEUP_TANIUM_FORBIDDEN' });
  });

  it('#30 names the right that the end point needs where the text of a 403 names none', async () => {
    const server = await httpServer((_, response) => json(response, 403, { text: '403 Forbidden\n\nNo.' }));
    const { content } = connected({ url: server.url, token: 'token-0123456789abcdef' });
    await expect(content.createSensor(ourSensor)).rejects.toMatchObject({
      code: 'TRUEUP_TANIUM_FORBIDDEN',
      remedy: 'Grant the right "Sensor - Write" to the persona of the token.',
    });
  });

  it('takes flags as numbers, definitions that are none, and privileges as SOAP has them', async () => {
    const privilege = { content_set_privilege: { name: 'Read Sensor' } };
    const inSet = { content_set: { name: 'Base' }, content_set_privilege_list: [privilege] };
    const answers: Readonly<Record<string, unknown>> = {
      '/api/v2/sensors/by-name/NPS%20Admin%20Members': {
        id: 7,
        name: 'NPS Admin Members',
        ignore_case_flag: 1,
        hidden_flag: '1',
        parameter_definition: 'no JSON',
      },
      '/api/v2/session/current': {
        id: 3,
        name: 'svc',
        effective_content_set_privileges: [{ effective_content_set_privilege: inSet }],
      },
    };
    const server = await httpServer(({ url }, response) => {
      const data = answers[url.pathname] ?? (url.pathname.includes('by-name') ? undefined : []);
      if (data === undefined) json(response, 404, { text: '404 Not Found\n\nSensorNotFound: none' });
      else json(response, 200, { data });
    });
    const { content } = connected({ url: server.url, token: 'token-0123456789abcdef' });
    const { sensor, persona, package: found, tokens } = await content.look(request);
    expect(sensor.found).toMatchObject({ id: 7, ignoreCase: true, hidden: true, parameters: [], queries: [] });
    expect(persona).toEqual({ userId: 3, user: 'svc', privileges: [{ name: 'Read Sensor', contentSets: ['Base'] }] });
    expect([found.found, tokens]).toEqual([null, []]);
  });
});

describe('content that is made', () => {
  it('#175 #64 takes files by the hashes of what was sent up, in pieces where they are long', async () => {
    const cloud = await startCloud({ bare: true });
    const { content } = connected(cloud);
    const long = Buffer.alloc(1_300_000, 'x');
    const hash = await content.upload(long);
    expect(hash).toBe(createHash('sha256').update(long).digest('hex'));
    expect((await cloud.get('/_sim/requests')).json['POST /api/v2/upload_file']).toBe(3);
    expect(await content.upload(Buffer.from('short'))).toBe(createHash('sha256').update('short').digest('hex'));
    await content.createPackage({
      name: 'NPSD Management',
      displayName: 'd',
      contentSet: 'Base',
      command: 'x $1',
      commandTimeoutSeconds: 180,
      expireSeconds: 780,
      skipLock: false,
      processGroup: true,
      parameter: { key: '$1', label: 'EncodedCommand' },
      files: [{ name: 'a.bin', hash, size: long.length }],
    });
    const { found } = (await content.look(request)).package;
    expect(found).toMatchObject({
      command: 'x $1',
      processGroup: true,
      parameters: [{ key: '$1', label: 'EncodedCommand', type: 'TextInputParameter' }],
      files: [{ name: 'a.bin', hash, size: 1_300_000 }],
    });
  });

  it('is changed in exactly the fields that are named', async () => {
    const cloud = await startCloud({ bare: true });
    const { content } = connected(cloud);
    await content.createSensor(ourSensor);
    const look = async () => (await content.look({ ...request, sensor: 'Mine' })).sensor.found;
    const before = await look();
    await content.changeSensor(before?.id ?? 0, { maxAgeSeconds: 900, ignoreCase: true, columns: ['One'] });
    expect(await look()).toEqual({ ...before, maxAgeSeconds: 900, ignoreCase: true, columns: ['One'] });
    const { description, ...shown } = ourSensor;
    expect(before).toMatchObject({ ...shown, parameters: [] });
  });

  it('is doubtful where the answer is lost: it may be there all the same', async () => {
    const cloud = await startCloud({ bare: true });
    const { content } = connected(cloud);
    await cloud.post('/_sim/faults', { rates: { doubtful: 1 } });
    await expect(content.createSensor(ourSensor)).rejects.toMatchObject({ doubtful: true });
    await cloud.post('/_sim/faults', {});
    expect((await content.look({ ...request, sensor: 'Mine' })).sensor.found).not.toBeNull();
  });
});

describe('tokens', () => {
  it('#73 are listed with their ends, made for the same persona and life, and deleted', async () => {
    const cloud = await startCloud();
    const { tokens } = connected(cloud);
    expect(await tokens.user()).toBe(1);
    const made = await tokens.create({ name: 'n', notes: 'o', personaId: 4, expireInDays: 30, trusted: '127.0.0.1' });
    const [, second] = await tokens.list();
    expect(second).toMatchObject({ id: made.id, name: 'n', notes: 'o', personaId: 4, expireInDays: 30 });
    expect(second?.trusted).toBe('127.0.0.1');
    expect(Date.parse(second?.expiresAt ?? '') - Date.parse('2026-03-02T09:00:00Z')).toBe(30 * 86_400_000);
    await connected({ url: cloud.url, token: made.value }).check();
    await tokens.remove(made.id);
    await tokens.remove(made.id);
    expect(await tokens.list()).toHaveLength(1);
  });

  it('#74 are in no error, whatever the server answers', async () => {
    const value = 'token-secret-of-the-answer';
    const bodies = [
      JSON.stringify({ data: { token_string: value } }),
      `{"data":{"id":5,"token_string":"${value}"`,
      `not JSON ${value}`,
      JSON.stringify({ token_string: value }),
    ];
    for (const body of bodies) {
      const server = await httpServer((_, response) => response.writeHead(200).end(body));
      const { tokens } = connected({ url: server.url, token: 'token-0123456789abcdef' });
      const making = tokens.create({ name: 'n', notes: '', personaId: 0, expireInDays: 7, trusted: '' });
      const error: any = await making.catch((thrown: unknown) => thrown);
      expect(error.code).toBe('TRUEUP_TANIUM_PROTOCOL');
      expect(JSON.stringify([error.message, error.likelyCause, error.remedy, String(error.origin)])).not.toContain(
        'secret-of-the-answer',
      );
    }
  });
});

it('#174 every end point with a right is refused without it by the simulated tenant, and allowed with it', async () => {
  const cloud = await startCloud();
  for (const { method, path, right } of Object.values(surface)) {
    const at = path.replaceAll(/\{\w+\}/g, '1');
    const limited = right === null ? ['Token - Use'] : rights.filter((one) => one !== right);
    await cloud.post('/_sim/settings', { rights: { 0: limited } });
    const { status } = await cloud.send(method, at, method === 'GET' ? {} : { body: '{}' });
    expect([method, path, status === 403]).toEqual([method, path, right !== null]);
  }
});
