import { describe, expect, it } from 'vitest';
import { generateFleet } from '../../src/simulator/fleet/fleet.ts';
import { startCloud } from './cloud.ts';

describe('the surface of the simulated Tanium', () => {
  it('#174 answers what it does not have with 404 in the server’s words, and counts it under its own path', async () => {
    const cloud = await startCloud();
    const strange = await cloud.get('/api/v2/plugins/42');
    expect(strange.status).toBe(404);
    expect(strange.json).toEqual({
      text: expect.stringMatching(/^404 Not Found\n\nREST Object Not Found Exception: \w+: .*\/api\/v2\/plugins\/42/),
    });
    expect((await cloud.send('PUT', '/api/v2/sensors/2')).status).toBe(404);
    await cloud.get('/api/v2/sensors/by-name/Computer%20ID');
    await cloud.get('/api/v2/sensors/2');
    await cloud.get('/api/v2/sensors/3?json_pretty_print=1');
    expect((await cloud.get('/_sim/requests')).json).toEqual({
      'GET /api/v2/plugins/42': 1,
      'GET /api/v2/sensors/by-name/{id}': 1,
      'GET /api/v2/sensors/{id}': 2,
      'PUT /api/v2/sensors/2': 1,
    });
  });

  it('names each error as Tanium does, with the HTTP status repeated', async () => {
    const cloud = await startCloud();
    const long = { name: 'x'.repeat(257) };
    const manual = (await cloud.post('/api/v2/computer_groups', { name: 'Manual' })).data.id;
    const cases: readonly (readonly [string, string, unknown, number, string])[] = [
      ['GET', '/api/v2/sensors/999', null, 404, 'SensorNotFound'],
      ['GET', '/api/v2/sensors/by-name/computer%20id', null, 404, 'SensorNotFound'],
      ['GET', '/api/v2/packages/999', null, 404, 'PackageNotFound'],
      ['GET', '/api/v2/package_files/999', null, 404, 'PackageFileNotFound'],
      ['GET', '/api/v2/questions/999', null, 404, 'QuestionNotFound'],
      ['GET', '/api/v2/saved_questions/999', null, 404, 'SavedQuestionNotFound'],
      ['GET', '/api/v2/actions/999', null, 404, 'ActionNotFound'],
      ['GET', '/api/v2/actions/by-name/nobody', null, 404, 'ActionNotFound'],
      ['GET', '/api/v2/saved_actions/999', null, 404, 'SavedActionNotFound'],
      ['GET', '/api/v2/action_stops/999', null, 404, 'ActionStopNotFound'],
      ['GET', '/api/v2/groups/999', null, 404, 'GroupNotFound'],
      ['GET', '/api/v2/computer_groups/3', null, 404, 'ComputerGroupNotFound'],
      ['GET', '/api/v2/action_groups/1', null, 404, 'ActionGroupNotFound'],
      ['GET', '/api/v2/api_tokens/999', null, 404, 'APITokenNotFound'],
      ['GET', '/api/v2/users', null, 400, 'UsersNonSummaryViewDisallowed'],
      ['POST', '/api/v2/questions', '[1]', 400, 'InvalidJSONBody'],
      ['POST', '/api/v2/questions', '{"query_text"', 400, 'InvalidJSONBody'],
      ['POST', '/api/v2/parse_question', '{}', 400, 'TagNotFound'],
      ['POST', '/api/v2/sensors', { name: 'Online' }, 400, 'SensorNameNotUnique'],
      ['POST', '/api/v2/sensors', long, 400, 'SensorNameTooLong'],
      ['POST', '/api/v2/sensors', { name: 'linux:x' }, 500, 'SensorNameInvalid'],
      ['PATCH', '/api/v2/sensors/2', { description: 'x' }, 400, 'CannotModifyReservedSensor'],
      ['DELETE', '/api/v2/sensors/2', null, 400, 'CannotModifyReservedSensor'],
      ['POST', '/api/v2/packages', { command: 'x' }, 400, 'PackageNameRequired'],
      ['POST', '/api/v2/packages', { name: 'x' }, 400, 'PackageCommandRequired'],
      ['POST', '/api/v2/packages', { name: 'NPSD Management', command: 'x' }, 400, 'PackageNameNotUnique'],
      ['POST', '/api/v2/packages', { name: 'y', command: 'x', files: [{ hash: '00' }] }, 404, 'PackageFileNotFound'],
      ['POST', '/api/v2/upload_file', { bytes: 'AA==' }, 400, 'FileSizeRequired'],
      ['POST', '/api/v2/upload_file', { bytes: '!', file_size: 1 }, 400, 'InvalidBase64'],
      ['POST', '/api/v2/upload_file_stream', {}, 400, 'InvalidContentType'],
      ['POST', '/api/v2/groups', { text: 'Computer Name is' }, 400, 'InvalidGroupQueryText'],
      ['POST', '/api/v2/groups', { text: 'No Such Sensor equals 1' }, 400, 'InvalidGroupQueryText'],
      ['POST', '/api/v2/groups', { name: 'All Computers', text: '' }, 400, 'GroupNameNotUnique'],
      ['DELETE', '/api/v2/groups/1', null, 400, 'CannotUpdateOrDeleteReservedGroup'],
      ['POST', '/api/v2/computer_groups', {}, 400, 'ComputerGroupNameRequired'],
      ['POST', '/api/v2/computer_groups', { name: 'Manual' }, 400, 'ComputerGroupAlreadyExists'],
      ['PATCH', `/api/v2/computer_groups/${manual}`, { computer_specs: [] }, 400, 'GroupMembershipCannotBeUpdated'],
      ['POST', '/api/v2/action_groups', { name: 'Default' }, 400, 'ActionGroupNameInvalid'],
      ['POST', '/api/v2/build_target_group', { cache_id: 1 }, 400, 'MustSpecifyCacheIDAndReferenceIDs'],
      [
        'POST',
        '/api/v2/build_target_group',
        { cache_id: 1, reference_ids: [] },
        400,
        'MustSpecifyNonEmptyReferenceIDs',
      ],
      ['POST', '/api/v2/saved_questions', {}, 400, 'SavedQuestionNameRequired'],
      [
        'POST',
        '/api/v2/saved_questions',
        { name: 'Computer Name from all machines' },
        400,
        'SavedQuestionNameNotUnique',
      ],
      ['POST', '/api/v2/actions', {}, 400, 'ActionRequiresPackage'],
      ['POST', '/api/v2/actions', { package_spec: { id: 1 } }, 400, 'AddActionFailed'],
      ['POST', '/api/v2/actions', { package_spec: { id: 1 }, action_group: { id: 5 } }, 404, 'ActionGroupNotFound'],
      ['POST', '/api/v2/saved_actions', { package_spec: { id: 1 } }, 400, 'AddSavedActionFailed'],
      ['POST', '/api/v2/action_stops', {}, 400, 'TagNotFound'],
    ];
    for (const [method, path, body, status, name] of cases) {
      const init = body === null ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
      const answer = await cloud.send(method, path, init);
      expect(`${method} ${path} ${answer.status} ${answer.json?.text}`).toMatch(
        new RegExp(
          `^${method} ${path.replace(/[?]/g, '\\?')} ${status} ${status} [A-Z][\\w ]+\\n\\n[\\w ]+: ${name}: \\S`,
        ),
      );
    }
  });

  it('ends lists with a cache_info for exactly the types that have one', async () => {
    const cloud = await startCloud();
    const cached = [
      'actions',
      'saved_actions',
      'questions',
      'saved_questions',
      'sensors',
      'packages',
      'groups',
      'filter_groups',
      'management_rights_groups',
      'computer_groups',
      'system_settings',
      'system_status',
    ];
    const plain = [
      'action_groups',
      'content_sets',
      'saved_action_approvals',
      'api_tokens',
      'package_files',
      'users?summary=1',
    ];
    for (const type of cached) {
      const { data } = await cloud.get(`/api/v2/${type}`);
      expect([type, data.at(-1)]).toEqual([
        type,
        {
          cache_id: expect.any(Number),
          page_row_count: expect.any(Number),
          filtered_row_count: expect.any(Number),
          cache_row_count: expect.any(Number),
          expiration: expect.any(Number),
        },
      ]);
    }
    for (const type of plain) {
      const { data } = await cloud.get(`/api/v2/${type}`);
      expect(data.filter((item: object) => 'cache_row_count' in item)).toEqual([]);
    }
  });

  it('pages, filters and sorts lists, by header or by query', async () => {
    const cloud = await startCloud();
    const names = ({ data }: any): readonly string[] => data.slice(0, -1).map(({ name }: any) => name);
    const first = await cloud.get('/api/v2/sensors?row_start=1&row_count=2&cache_expiration=60');
    expect(names(first)).toEqual(['Computer ID', 'Computer Name']);
    const info = first.data.at(-1);
    expect(info).toMatchObject({ page_row_count: 2, expiration: 60, filtered_row_count: info.cache_row_count });
    const options = JSON.stringify({ row_start: 3, row_count: 1, cache_id: info.cache_id });
    expect(names(await cloud.get('/api/v2/sensors?row_count=9', { 'tanium-options': options }))).toEqual([
      'Download Statuses',
    ]);
    const wanted = [{ field: 'name', operator: 'RegexMatch', value: '^computer' }];
    const filter = encodeURIComponent(JSON.stringify(wanted));
    const found = await cloud.get(`/api/v2/sensors?cache_filters=${filter}&cache_sort_fields=-name`);
    expect(names(found)).toEqual(['Computer Name', 'Computer ID']);
    expect(found.data.at(-1)).toMatchObject({ filtered_row_count: 2 });
    const old = [{ field: 'max_age_seconds', operator: 'Less', type: 'Numeric', value: '600' }];
    expect(names(await cloud.get(`/api/v2/sensors?cache_filters=${encodeURIComponent(JSON.stringify(old))}`))).toEqual([
      'Computer ID',
    ]);
  });

  it('shows its clients: one each, an aggregate, a cache_info', async () => {
    const cloud = await startCloud();
    const { data } = await cloud.get('/api/v2/system_status');
    expect(data).toHaveLength(6);
    expect(data[0]).toMatchObject({ host_name: 'SRV-1.corp.example', computer_id: 101, protocol_version: '314' });
    expect(data[0].last_registration).toMatch(/^2026-03-02T0[89]:\d\d:\d\dZ$/);
    expect(data[4]).toMatchObject({ normal_count: 4, versions: [{ count: 4 }] });
    expect(data[5]).toMatchObject({ cache_row_count: 4 });
    await cloud.post('/_sim/faults', { offline: ['SRV-1'] });
    expect((await cloud.get('/api/v2/client_count')).data).toBe(3);
    expect((await cloud.get('/api/v2/system_status')).data).toHaveLength(5);
  });

  it('has the settings that clients look up', async () => {
    const cloud = await startCloud();
    const setting = await cloud.get('/api/v2/system_settings/by-name/default_percent_when_complete');
    expect(setting.data).toMatchObject({ name: 'default_percent_when_complete', value: '99' });
    expect((await cloud.get('/api/v2/server_info')).data.settings).toMatchObject({ require_action_approval: '0' });
  });

  it('starts bare where it is asked to', async () => {
    const cloud = await startCloud({ bare: true });
    expect((await cloud.get('/api/v2/sensors/by-name/NPS%20Admin%20Members')).status).toBe(404);
    expect((await cloud.get('/api/v2/packages/by-name/NPSD%20Management')).status).toBe(404);
    const groups = (await cloud.get('/api/v2/groups')).data.slice(0, -1);
    expect(groups.map(({ name, type }: any) => [name, type])).toEqual([
      ['All Computers', 0],
      ['No Computers', 0],
      ['Default', 1],
    ]);
  });

  it('gives a long list piece by piece, whole', async () => {
    const cloud = await startCloud({ fleet: generateFleet({ devices: 3_000, drift: 0.1, seed: 1 }) });
    expect((await cloud.get('/api/v2/system_status')).data).toHaveLength(3_002);
    const devices = (await cloud.get('/_sim/devices')).json;
    expect(new Set(devices.map(({ computerId }: any) => computerId)).size).toBe(3_000);
  });

  it('waits as long before each answer as it is told to', async () => {
    const cloud = await startCloud({ latencyMs: 80 });
    const began = performance.now();
    await cloud.get('/api/v2/client_count');
    expect(performance.now() - began).toBeGreaterThanOrEqual(79);
  });

  it('cannot listen where another program does, and says so', async () => {
    const { url } = await startCloud();
    const port = Number(new URL(url).port);
    await expect(startCloud({ port })).rejects.toMatchObject({
      code: 'TRUEUP_SIMULATOR',
      message: `127.0.0.1:${port} cannot be listened on: another program listens there`,
    });
  });
});
