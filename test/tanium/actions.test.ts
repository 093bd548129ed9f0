import { describe, expect, it } from 'vitest';
import type { ActionLog } from '../../src/fleet-ports.ts';
import { logLines } from '../../src/tanium/action-log.ts';
import { stateIn } from '../../src/tanium/action-status.ts';
import { scripted } from './scripted.ts';
import { connectTo, errorOf, httpServer, json } from './wire.ts';

const wanted = { packageName: 'NPSD Management', packageParamOffset: 0, actionGroupName: 'Default - All Computers' };
const command = 'cmd.exe /d /c powershell.exe -NoProfile -File expand_params.ps1';
const route = { packageId: 7, parameterKey: '$0', actionGroupId: 4 };

function packageOf(keys: readonly string[], used: readonly string[] = keys, name = 'NPSD Management'): unknown {
  const parameters = keys.map((key) => ({ key, label: 'EncodedCommand' }));
  const definition = { parameterType: 'com.tanium.components.parameters::ParametersArray', parameters };
  return { id: 7, name, command: [command, ...used].join(' '), parameter_definition: JSON.stringify(definition) };
}

function content(found: unknown): Parameters<typeof scripted>[0] {
  return {
    objects: { 'packages/by-name/NPSD Management': found },
    lists: {
      packages: [
        { id: 7, name: 'NPSD  Management' },
        { id: 8, name: 'Other' },
      ],
      action_groups: [
        { id: 3, name: 'Default', deleted_flag: 0, groups: [{ id: 2, name: 'No Computers' }] },
        { id: 4, name: 'Default - All Computers', deleted_flag: 0, groups: [{ id: 1, name: 'All Computers' }] },
        {
          id: 6,
          name: 'Mixed',
          deleted_flag: 0,
          groups: [
            { id: 2, name: 'No Computers' },
            { id: 17, name: 'Servers' },
          ],
        },
        { id: 5, name: 'Old', deleted_flag: 1 },
      ],
      groups: [{ id: 17, name: 'Servers', type: 0 }],
    },
  };
}

describe('the route of a run', () => {
  it('is package, parameter key and action group by their exact names', async () => {
    const tanium = await scripted(content(packageOf(['$0'])));
    expect(await connectTo(tanium.url).actions.route(wanted)).toEqual(route);
  });

  it.each([
    [0, ['$1'], /\$1, not as \$0: package_param_offset 1 fits/],
    [1, ['$0'], /\$0, not as \$1: package_param_offset 0 fits/],
    [0, [], /it takes no parameter/],
    [0, ['$0', '$1'], /it takes \$0, \$1/],
  ])('#66 #168 with offset %i and parameters %j says what fits', async (packageParamOffset, keys, message) => {
    const tanium = await scripted(content(packageOf(keys)));
    const error = await errorOf(connectTo(tanium.url).actions.route({ ...wanted, packageParamOffset }));
    expect(error).toMatchObject({ code: 'TRUEUP_PACKAGE_PARAMETER', message: expect.stringMatching(message) });
  });

  it.each([[['$1']], [[]], [['$0', '$1']]])(
    '#67 refuses a command that uses %j beside the parameter $0',
    async (used) => {
      const tanium = await scripted(content(packageOf(['$0'], used)));
      const error = await errorOf(connectTo(tanium.url).actions.route(wanted));
      expect(error).toMatchObject({ code: 'TRUEUP_PACKAGE_PARAMETER' });
    },
  );

  it('#56 names the package that is near where there is none of this name', async () => {
    const { lists = {} } = content(null);
    const tanium = await scripted({ lists });
    const error = await errorOf(connectTo(tanium.url).actions.route(wanted));
    expect(error).toMatchObject({
      code: 'TRUEUP_PACKAGE_NOT_FOUND',
      message: expect.stringContaining('Did you mean "NPSD  Management"?'),
    });
  });

  it('#92 refuses an action group of nobody, whose actions would be waited for in vain', async () => {
    const tanium = await scripted(content(packageOf(['$0'])));
    const { actions } = connectTo(tanium.url);
    expect(await errorOf(actions.route({ ...wanted, actionGroupName: 'Default' }))).toMatchObject({
      code: 'TRUEUP_ACTION_GROUP_EMPTY',
      message: 'The action group "Default" holds no device: an action in it reaches nobody.',
    });
    expect(await actions.route({ ...wanted, actionGroupName: 'Mixed' })).toEqual({ ...route, actionGroupId: 6 });
  });

  it('#92 offers no action group of nobody in the place of one that is missing', async () => {
    const groups = [{ id: 3, name: 'Default', deleted_flag: 0, groups: [{ id: 2, name: 'No Computers' }] }];
    const { lists = {}, ...rest } = content(packageOf(['$0']));
    const tanium = await scripted({ ...rest, lists: { ...lists, action_groups: groups } });
    expect(await errorOf(connectTo(tanium.url).actions.route(wanted))).toMatchObject({
      code: 'TRUEUP_ACTION_GROUP_NOT_FOUND',
      message: 'Tanium has no action group named "Default - All Computers".',
    });
  });

  it('#92 takes no computer group, and no deleted action group, for an action group', async () => {
    const tanium = await scripted(content(packageOf(['$0'])));
    for (const actionGroupName of ['Servers', 'Old', 'default - all computers']) {
      const error = await errorOf(connectTo(tanium.url).actions.route({ ...wanted, actionGroupName }));
      expect(error).toMatchObject({ code: 'TRUEUP_ACTION_GROUP_NOT_FOUND' });
    }
  });
});

describe('an action', () => {
  it('is issued by package, key, group and Computer IDs, with the value as it is', async () => {
    const tanium = await scripted({ objects: { actions: { id: 350385, status: 'Pending' } } });
    const id = await connectTo(tanium.url).actions.issue(route, {
      name: 'Trueup r1 k1',
      comment: 'run r1',
      encodedCommand: 'QUI+/w==',
      computerIds: ['11', '12'],
      expireSeconds: 1200,
    });
    expect(id).toBe('350385');
    expect(JSON.parse(tanium.asked[0]?.body ?? '')).toEqual({
      name: 'Trueup r1 k1',
      comment: 'run r1',
      package_spec: { source_id: 7, parameters: [{ key: '$0', value: 'QUI+/w==' }] },
      action_group: { id: 4 },
      target_group: { text: 'Computer ID equals 11 or Computer ID equals 12' },
      expire_seconds: 1200,
    });
  });

  it('never goes to nobody, to everybody, or to more than fit', async () => {
    const tanium = await scripted({ objects: { actions: { id: 1 } } });
    const { actions } = connectTo(tanium.url);
    const many = Array.from({ length: 901 }, (_, index) => String(index + 1));
    for (const computerIds of [[], many, ['1) or ( Computer Name contains a'], ['01'], ['0']]) {
      const issued = actions.issue(route, {
        name: 'x',
        comment: '',
        encodedCommand: '',
        computerIds,
        expireSeconds: 1,
      });
      await expect(issued).rejects.toThrow(RangeError);
    }
    expect(tanium.asked).toEqual([]);
  });

  it('is found again by its exact name, the oldest first', async () => {
    const name = 'Trueup r1 k/1?#';
    const objects = {
      [`actions/by-name/${name}`]: [
        { id: 12, name },
        { id: 9, name },
        { id: 8, name: `${name} ` },
        { cache_id: 3, cache_row_count: 2 },
      ],
      'actions/by-name/single': { id: 5, name: 'single' },
    };
    const { actions } = connectTo((await scripted({ objects })).url);
    expect(await actions.find(name)).toEqual(['9', '12']);
    expect(await actions.find('single')).toEqual(['5']);
    expect(await actions.find('none')).toEqual([]);
  });

  it('is followed by result_info before each result_data, since the server renews nothing else', async () => {
    const cell = (texts: readonly string[]): unknown => texts.map((text) => ({ text }));
    const rows = [
      { cid: 11, data: [cell(['PC-11']), cell(['58:Completed.', '59:Running.'])] },
      { cid: 12, data: [cell(['PC-12']), cell(['59:Failed.', '58:Downloading.'])] },
      { cid: 13, data: [cell(['PC-13']), cell(['59:Completed.'])] },
      { cid: 14, data: [cell(['PC-14']), cell(['[current result unavailable]'])] },
      { cid: 0, data: [cell(['PC-15']), cell(['58:Completed.'])] },
      'junk',
    ];
    const tanium = await scripted({
      objects: { 'actions/58': { id: 58, status: 'Open', stopped_flag: false } },
      looks: [
        { tested: 0, columns: [], rows: [] },
        { tested: 3, columns: ['Computer Name', 'Action Statuses', 'Count'], rows },
      ],
    });
    const { actions } = connectTo(tanium.url);
    expect(await actions.progress('58')).toEqual({ status: 'open', devices: new Map() });
    expect(await actions.progress('58')).toEqual({
      status: 'open',
      devices: new Map([
        ['11', 'completed'],
        ['12', 'waiting'],
      ]),
    });
    const order = tanium.asked.map(({ url }) => url.pathname.replace(/^\/api\/v2\/(\w+).*/, '$1'));
    expect(order).toEqual(['actions', 'result_info', 'result_data', 'actions', 'result_info', 'result_data']);
  });

  it.each([
    [{ status: 'Open' }, 'open'],
    [{ status: 'Active' }, 'open'],
    [{ status: 'Closed' }, 'closed'],
    [{ status: 'Expired' }, 'closed'],
    [{ status: 'Stopped' }, 'stopped'],
    [{ status: 'Open', stopped_flag: true }, 'stopped'],
    [{ status: 'Pending' }, 'pending'],
    [{ status: 'Pending', saved_action: { id: 3 } }, 'approval'],
    [{ status: 'Pending', saved_action: { id: 4 } }, 'pending'],
    [{ status: 'Pending', saved_action: { id: 5 } }, 'pending'],
  ])('of %j is %s', async (action, status) => {
    const objects = {
      'actions/1': { id: 1, ...action },
      'saved_actions/3': { approved_flag: false },
      'saved_actions/4': { approved_flag: true },
    };
    const tanium = await scripted({ objects, looks: [{ tested: 0, columns: [] }] });
    expect(await connectTo(tanium.url).actions.progress('1')).toMatchObject({ status });
  });

  it.each([
    ['58:Waiting.', 'waiting'],
    ['58:Copying.', 'waiting'],
    ['58:WaitingToRetry.', 'waiting'],
    ['58:Waiting To Retry.', 'waiting'],
    ['58:Running.', 'running'],
    ['58:Verified.', 'completed'],
    ['58:Succeeded.', 'completed'],
    ['58:PendingVerification.', 'completed'],
    ['58:NotSucceeded.', 'failed'],
    ['58:FailedVerification.', 'failed'],
    ['58:Expired.', 'expired'],
    ['58:Stopped.', 'expired'],
    ['158:Completed.', null],
    ['5:Completed.', null],
    ['Completed.', null],
    ['58', null],
    ['58:Perhaps.', null],
  ])('status text %s means %s', (text, state) => {
    expect(stateIn([text], '58')).toBe(state);
  });
});

describe('the output of an action', () => {
  const columns = ['Computer ID', 'Computer Name', 'Tanium Action Log[58]', 'Count'];
  const row = (id: number, lines: readonly string[]): unknown => ({
    cid: id,
    data: [[{ text: String(id) }], [{ text: `PC-${id}` }], lines.map((text) => ({ text })), [{ text: '1' }]],
  });

  async function collect(logs: AsyncIterable<ActionLog>): Promise<ActionLog[]> {
    const all: ActionLog[] = [];
    for await (const log of logs) all.push(log);
    return all;
  }

  it('comes per device, in the order of the file, without line numbers', async () => {
    const rows = [
      row(11, ['003|three', '001|one', '002|two|2']),
      row(12, ['File does not exist']),
      row(13, ['[no results]']),
    ];
    const tanium = await scripted({ looks: [{ tested: 9, passed: 3, columns, rows }] });
    expect(await collect(connectTo(tanium.url).actions.logs('58', ['11', '12', '13']))).toEqual([
      { computerId: '11', name: 'PC-11', lines: ['one', 'two|2', 'three'] },
      { computerId: '12', name: 'PC-12', lines: [] },
      { computerId: '13', name: 'PC-13', lines: [] },
    ]);
    expect(JSON.parse(tanium.questions()[0] ?? '')).toEqual({
      query_text:
        'Get Computer ID and Computer Name and Tanium Action Log[58]?maxAge=1 from all machines with ( Computer ID equals 11 or Computer ID equals 12 or Computer ID equals 13 )',
    });
  });

  it('is waited for while a device still reads it', async () => {
    const looks = [
      { tested: 9, passed: 1, columns, rows: [row(11, ['[current result unavailable]'])] },
      { tested: 9, passed: 1, columns, rows: [row(11, ['001|done'])] },
    ];
    const tanium = await scripted({ looks });
    expect(await collect(connectTo(tanium.url).actions.logs('58', ['11']))).toMatchObject([{ lines: ['done'] }]);
  });

  it('of no device asks nothing', async () => {
    const tanium = await scripted({});
    expect(await collect(connectTo(tanium.url).actions.logs('58', []))).toEqual([]);
    expect(tanium.asked).toEqual([]);
  });

  it.each([
    [
      ['101|Max number of lines reached in Action Log Sensor', '100|z', '001|a'],
      ['a', 'z'],
    ],
    [
      ['b', 'a'],
      ['b', 'a'],
    ],
    [['001|012|x'], ['012|x']],
    [['001|'], ['']],
    [['1|x'], ['1|x']],
    [['TSE-Error: Sensor evaluation timed out'], []],
    [['N/A on Mac'], []],
    [['001|a\r\n002|b'], ['a', 'b']],
  ])('%j are the lines %j', (strings, lines) => {
    expect(logLines(strings)).toEqual(lines);
  });
});

it('an action id that is no number cannot become syntax', async () => {
  const server = await httpServer((_, response) => json(response, 200, { data: {} }));
  const { actions } = connectTo(server.url);
  await expect(async () => {
    for await (const log of actions.logs('58] from all machines', ['1'])) expect(log).toBeUndefined();
  }).rejects.toThrow(RangeError);
  expect(server.asked).toEqual([]);
});
