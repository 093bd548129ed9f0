import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import { parsePosture } from '../../src/endpoint/posture.ts';
import { deploy, inventory, startCloud } from './cloud.ts';

const script = 'param([switch]$SimpleResult, [switch]$NoMeta)';

describe('sensors', () => {
  it('have the ids, hashes and maximum ages that every server has', async () => {
    const cloud = await startCloud();
    for (const [id, name, hash, age] of [
      [1, 'Action Statuses', 1792443391, 3600],
      [2, 'Computer ID', 3556221173, 300],
      [3, 'Computer Name', 3409330187, 86_400],
      [4, 'Download Statuses', 322086833, 3600],
    ]) {
      const expected = { id, name, hash, category: 'Reserved', max_age_seconds: age };
      expect((await cloud.get(`/api/v2/sensors/${id}`)).data).toMatchObject(expected);
      expect((await cloud.get(`/api/v2/sensors/by-hash/${hash}`)).data).toMatchObject(expected);
    }
  });

  it('an operator makes answer the contract where their script is that of the contract', async () => {
    const cloud = await startCloud({ bare: true });
    const queries = [{ platform: 'Windows', script, script_type: 'Powershell' }];
    const made = await cloud.post('/api/v2/sensors', { name: 'My Admins', queries, max_age_seconds: 60 });
    expect(made.json).toEqual({ data: { id: expect.any(Number) } });
    await cloud.post('/api/v2/sensors', {
      name: 'Else',
      queries: [{ platform: 'Windows', script: 'Get-Date', script_type: 'Powershell' }],
    });
    const rows = await cloud.answers('Get Computer ID and My Admins and Else from all machines');
    const [windows] = rows.filter((row) => row['Computer ID']?.[0] === '101');
    const [linux] = rows.filter((row) => row['Computer ID']?.[0] === '104');
    expect(JSON.parse(windows?.['My Admins']?.[0] ?? '')).toMatchObject({ v: 1, os: { kind: 'server' } });
    expect(windows?.['Else']).toEqual(['TSE-Error: The simulator does not run this script']);
    expect(linux?.['My Admins']).toEqual(['TSE-Error: No Sensor Definition for this Platform']);
  });

  it('answer inventory or posture, as the first line of the script says', async () => {
    const cloud = await startCloud();
    const rows = await cloud.answers('Get Computer ID and NPS Admin Members and NPS Posture from all machines');
    const [windows] = rows.filter((row) => row['Computer ID']?.[0] === '103');
    const [linux] = rows.filter((row) => row['Computer ID']?.[0] === '104');
    expect(parseInventory(windows?.['NPS Admin Members']?.[0] ?? '')).toMatchObject({ kind: 'inventory' });
    expect(parsePosture(windows?.['NPS Posture']?.[0] ?? '')).toMatchObject({
      kind: 'posture',
      posture: { kind: 'workstation', values: { 'powershell.version': '5.1' } },
    });
    expect(linux?.['NPS Posture']).toEqual(['Not available on Linux']);
  });

  it('are changed in part, keep name and hash, and are gone when they are deleted', async () => {
    const cloud = await startCloud();
    const path = '/api/v2/sensors/by-name/NPS%20Admin%20Members';
    const before = (await cloud.get(path)).data;
    const changed = (await cloud.patch(path, { max_age_seconds: 300, name: 'Another', hash: 1 })).data;
    expect(changed).toMatchObject({ ...before, max_age_seconds: 300, modification_time: expect.any(String) });
    expect((await cloud.remove(path)).data).toEqual({ id: before.id });
    expect((await cloud.get(path)).status).toBe(404);
    expect((await cloud.get(`/api/v2/sensors/${before.id}`)).status).toBe(404);
    expect((await cloud.post('/api/v2/sensors', { name: 'NPS Admin Members' })).status).toBe(200);
  });

  it('of the category Reserved take limits and nothing else', async () => {
    const cloud = await startCloud();
    expect((await cloud.patch('/api/v2/sensors/2', { max_strings: 5 })).data).toMatchObject({ max_strings: 5 });
    expect((await cloud.patch('/api/v2/sensors/2', { max_strings: 5, description: 'x' })).status).toBe(400);
  });
});

describe('packages', () => {
  it('start as the seed has an administrator make it', async () => {
    const cloud = await startCloud();
    const { data } = await cloud.get('/api/v2/packages/by-name/NPSD%20Management');
    expect(data).toMatchObject({
      display_name: 'NPS-D Management Package',
      command:
        'cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile -File expand_params.ps1 $0',
      command_timeout: 180,
      process_group_flag: true,
      skip_lock_flag: false,
      hidden_flag: false,
      files: [
        { name: 'expand_params.ps1', status: 200, cache_status: 'Cached' },
        { name: 'secureone_management.ps1', status: 200, cache_status: 'Cached' },
      ],
    });
    expect(JSON.parse(data.parameter_definition).parameters).toMatchObject([{ key: '$0', label: 'EncodedCommand' }]);
  });

  it('take the defaults of the server, are changed in part, and are gone when they are deleted', async () => {
    const cloud = await startCloud();
    const made = (await cloud.post('/api/v2/packages', { name: 'Mine', command: 'cmd /c ver' })).data;
    expect(made).toMatchObject({ command_timeout: 600, expire_seconds: 3600, verify_expire_seconds: 3600 });
    const changed = (await cloud.patch('/api/v2/packages/by-name/Mine', { command_timeout: 60 })).data;
    expect(changed).toMatchObject({ id: made.id, command: 'cmd /c ver', command_timeout: 60 });
    expect((await cloud.patch(`/api/v2/packages/${made.id}`, { name: 'NPSD Management' })).json.text).toContain(
      'PackageNameNotUnique',
    );
    expect((await cloud.remove(`/api/v2/packages/${made.id}`)).data).toEqual({ id: made.id });
    expect((await cloud.get('/api/v2/packages/by-name/Mine')).status).toBe(404);
  });

  it('write exit-code criteria as a list', async () => {
    const cloud = await startCloud();
    const criteria = { criteria: { exit_code: 42 } };
    const made = await cloud.post('/api/v2/packages', { name: 'M', command: 'x', exit_code_criteria: criteria });
    expect(made.data.exit_code_criteria).toEqual([{ exit_code: 42 }]);
  });

  it('hide what parameters make of them', async () => {
    const cloud = await startCloud();
    await deploy(cloud, inventory);
    const shown = async (query: string): Promise<number> =>
      (await cloud.get(`/api/v2/packages${query}`)).data.length - 1;
    expect(await shown('')).toBe(1);
    expect(await shown('?include_hidden_flag=1')).toBe(2);
  });

  it('wait for files that the server has to fetch', async () => {
    const cloud = await startCloud();
    const files = [{ name: 'a.exe', source: 'https://files.example/a.exe' }];
    const made = (await cloud.post('/api/v2/packages', { name: 'Mine', command: 'a.exe', files })).data;
    expect(made).toMatchObject({
      available_time: '2001-01-01T00:00:00Z',
      files: [{ cache_status: 'Processing', status: 2 }],
    });
    await cloud.advance(5);
    const later = (await cloud.get(`/api/v2/packages/${made.id}`)).data;
    expect(later).toMatchObject({ available_time: '2026-03-02T09:00:05Z', files: [{ cache_status: 'Cached' }] });
    const [{ id }] = later.files;
    expect((await cloud.get(`/api/v2/package_files/${id}`)).data).toMatchObject({ name: 'a.exe', status: 200 });
  });
});

describe('uploads', () => {
  it('come in pieces, and the last one answers the hash', async () => {
    const cloud = await startCloud();
    const content = Buffer.from('a'.repeat(700) + 'b'.repeat(300));
    const hash = createHash('sha256').update(content).digest('hex');
    const upload = async (body: Readonly<Record<string, unknown>>): Promise<any> =>
      (await cloud.post('/api/v2/upload_file', { file_size: 1000, ...body })).data.upload_file;
    const { id } = await upload({ id: -1, start_pos: 0, bytes: '' });
    const first = await upload({ id, start_pos: 0, bytes: content.subarray(0, 700).toString('base64') });
    expect(first).toMatchObject({ id, part_size: 700, percent_complete: 70, file_cached: false, hash: '' });
    expect((await cloud.get(`/api/v2/upload_file/${id}`)).data.upload_file_status).toMatchObject({
      file_cached: false,
    });
    const last = await upload({ id, start_pos: 700, bytes: content.subarray(700).toString('base64') });
    expect(last).toMatchObject({ percent_complete: 100, file_cached: true, hash });
    expect((await cloud.get(`/cache/${hash}`)).text).toBe(content.toString());
    const made = await cloud.post('/api/v2/packages', { name: 'Mine', command: 'x', files: [{ name: 'x', hash }] });
    expect(made.data.files).toMatchObject([{ hash, size: 1000, cache_status: 'Cached' }]);
  });

  it('come whole, as one request or as a stream', async () => {
    const cloud = await startCloud();
    const bytes = Buffer.from('hello');
    const hash = createHash('sha256').update(bytes).digest('hex');
    const body = { bytes: bytes.toString('base64'), file_size: 5, start_pos: 0, hash };
    expect((await cloud.post('/api/v2/upload_file', body)).data.upload_file).toMatchObject({ hash, file_cached: true });
    const headers = { 'content-type': 'application/octet-stream' };
    const streamed = await cloud.send('POST', '/api/v2/upload_file_stream', { body: 'hello', headers });
    expect(streamed.data).toEqual({ hash, file_size: 5 });
  });

  it('are refused where they leave a gap, are too long, or have another hash', async () => {
    const cloud = await startCloud();
    const upload = (body: Readonly<Record<string, unknown>>) =>
      cloud.post('/api/v2/upload_file', { file_size: 4, ...body });
    const { id } = (await upload({ id: -1, bytes: '' })).data.upload_file;
    expect((await upload({ id, start_pos: 2, bytes: 'QUI=' })).status).toBe(400);
    expect((await upload({ id, start_pos: 0, bytes: Buffer.alloc(5).toString('base64') })).status).toBe(400);
    expect((await upload({ id, start_pos: 0, bytes: Buffer.alloc(4).toString('base64'), hash: '00' })).status).toBe(
      400,
    );
    expect((await upload({ id: 99, bytes: 'QUI=' })).json.text).toContain('PackageFileNotFound');
  });
});
