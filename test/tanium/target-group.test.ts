/** The group of an action that is for more devices than a text can name. */
import { expect, it } from 'vitest';
import { groupNameOf } from '../../src/tanium/target-group.ts';
import { scripted } from './scripted.ts';
import { connectTo, errorOf, httpServer, json } from './wire.ts';

const action = 'Trueup 0a1b2c3d4e5f 001122334455';
const group = 'trueup-0a1b2c3d4e5f-001122334455';

it('has its name of its action’s, and its members by Computer Name', async () => {
  const tanium = await scripted({ objects: { computer_groups: { id: 31, name: group } } });
  expect(await connectTo(tanium.url).actions.makeGroup(action, ['PC-1.corp.example', 'PC-2'])).toBe(31);
  expect(JSON.parse(tanium.asked[0]?.body ?? '')).toEqual({
    name: group,
    computer_specs: [{ computer_name: 'PC-1.corp.example' }, { computer_name: 'PC-2' }],
  });
  expect(groupNameOf(`${action} SRV-1`)).toBe(`${group}-SRV-1`);
});

it.each([[[]], [['PC-1', 'pc-1']], [['PC-1#12']], [['4711']], [['']]])('is never made of %j', async (names) => {
  const tanium = await scripted({ objects: { computer_groups: { id: 31, name: group } } });
  await expect(connectTo(tanium.url).actions.makeGroup(action, names)).rejects.toThrow(RangeError);
  expect(tanium.asked).toEqual([]);
});

it('is used where it was made all the same by a request without an answer', async () => {
  const tanium = await httpServer(({ method }, response) => {
    if (method === 'POST') response.destroy();
    else json(response, 200, { data: { id: 31, name: group } });
  });
  expect(await connectTo(tanium.url).actions.makeGroup(action, ['PC-1'])).toBe(31);
  expect(tanium.asked.map(({ method }) => method)).toEqual(['POST', 'GET']);
});

it('is in doubt where it is not there after a request without an answer', async () => {
  const tanium = await httpServer(({ method }, response) => {
    if (method === 'POST') response.destroy();
    else json(response, 404, { text: '404 Not Found\n\nREST Object Not Found Exception: ComputerGroupNotFound: x' });
  });
  const error = await errorOf(connectTo(tanium.url).actions.makeGroup(action, ['PC-1']));
  expect(error).toMatchObject({ doubtful: true });
});

it.each([
  ['of another name', { id: 31, name: `${group} ` }],
  ['in another case', { id: 31, name: group.toUpperCase() }],
  ['that is deleted', { id: 31, name: group, deleted_flag: true }],
])('%s is somebody else’s, and stays', async (_, found) => {
  const tanium = await scripted({ objects: { [`computer_groups/by-name/${group}`]: found } });
  await connectTo(tanium.url).actions.removeGroup(action);
  expect(tanium.asked.map(({ method }) => method)).toEqual(['GET']);
});

it('is removed by its id, and may be gone by then', async () => {
  const tanium = await scripted({ objects: { [`computer_groups/by-name/${group}`]: { id: 31, name: group } } });
  await connectTo(tanium.url).actions.removeGroup(action);
  expect(tanium.asked.map(({ method, url }) => `${method} ${url.pathname}`)).toEqual([
    `GET /api/v2/computer_groups/by-name/${group}`,
    'DELETE /api/v2/computer_groups/31',
  ]);
});

it('#30 names the right that it takes', async () => {
  const tanium = await httpServer((_, response) => json(response, 403, { text: '403 Forbidden' }));
  expect(await errorOf(connectTo(tanium.url).actions.makeGroup(action, ['PC-1']))).toMatchObject({
    code: 'TRUEUP_TANIUM_FORBIDDEN',
    remedy: 'Grant the right "Computer Group - Write" to the persona of the token.',
  });
});
