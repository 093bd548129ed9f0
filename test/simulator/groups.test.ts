import { describe, expect, it } from 'vitest';
import { type Cloud, deploy, inventory, startCloud } from './cloud.ts';

async function membersOf(cloud: Cloud, group: string): Promise<readonly string[]> {
  const rows = await cloud.answers(`Get Computer ID and Computer Name from all machines with ${group}`);
  return rows.map((row) => row['Computer ID']?.[0] ?? '').toSorted();
}

describe('groups', () => {
  it('start as on a stock server, action groups among them under ids of the same kind', async () => {
    const cloud = await startCloud();
    const groups = (await cloud.get('/api/v2/groups')).data.slice(0, -1);
    expect(groups.map(({ id, name, type }: any) => [id, name, type])).toEqual([
      [1, 'All Computers', 0],
      [2, 'No Computers', 0],
      [3, 'Default', 1],
      [4, 'Default - All Computers', 1],
      [5, 'All Windows Computers', 0],
    ]);
    expect(groups[4]).toMatchObject({
      text: ' Operating System contains windows',
      filters: [
        { sensor: { name: 'Operating System' }, operator: 'RegexMatch', value: '.*windows.*', not_flag: false },
      ],
    });
    const actionGroups = (await cloud.get('/api/v2/action_groups')).data;
    expect(actionGroups).toMatchObject([
      { id: 3, name: 'Default', groups: [{ id: 2 }], deleted_flag: 0 },
      { id: 4, name: 'Default - All Computers', groups: [{ id: 1 }] },
    ]);
  });

  it('without a name are anonymous, and found by id alone', async () => {
    const cloud = await startCloud();
    const made = await cloud.post('/api/v2/groups', { text: 'Computer Name equals "SRV-1.corp.example"' });
    expect(made.json).toEqual({ data: { id: 6 } });
    expect((await cloud.get('/api/v2/groups/6')).data).toMatchObject({ name: '', type: 3 });
    expect((await cloud.get('/api/v2/groups')).data).toHaveLength(6);
  });

  it('are made of text or of filters, and mean the same', async () => {
    const cloud = await startCloud();
    const text = 'Computer ID equals 101 or not ( Operating System contains windows or Computer ID < 5 )';
    const byText = (await cloud.post('/api/v2/groups', { name: 'By Text', text })).data.id;
    const { filters, sub_groups, and_flag, not_flag } = (await cloud.get(`/api/v2/groups/${byText}`)).data;
    await cloud.post('/api/v2/groups', { name: 'By Filters', filters, sub_groups, and_flag, not_flag });
    const other = (await cloud.get('/api/v2/groups/by-name/By%20Filters')).data;
    expect(other.text).toBe(` ${text}`);
    expect(await membersOf(cloud, 'By Text')).toEqual(['101', '104']);
    expect(await membersOf(cloud, 'By Filters')).toEqual(['101', '104']);
  });

  it('of filters also take the text of a whole question', async () => {
    const cloud = await startCloud();
    const text = 'Get Computer Name from all machines with Computer ID equals 102';
    await cloud.post('/api/v2/filter_groups', { name: 'Second', text });
    expect(await membersOf(cloud, 'Second')).toEqual(['102']);
    expect((await cloud.get('/api/v2/filter_groups/by-name/Second')).status).toBe(200);
    expect((await cloud.get('/api/v2/management_rights_groups/by-name/Second')).status).toBe(404);
  });

  it('of named machines have members for good', async () => {
    const cloud = await startCloud();
    // A Computer ID, or the short name of another machine, is no Computer Name.
    const strangers = ['nobody', '102', 'SRV-2', 'SRV-1.corp.example#101'].map((name) => ({ computer_name: name }));
    const specs = [{ computer_name: 'srv-1.CORP.example' }, { ip_address: '10.0.0.103' }, ...strangers];
    const made = (await cloud.post('/api/v2/computer_groups', { name: 'Hand Made', computer_specs: specs })).data;
    expect(made).toMatchObject({ type: 4, text: ` Manual Group Membership equals ${made.id}` });
    expect(await membersOf(cloud, 'Hand Made')).toEqual(['101', '103']);
    const shown = await cloud.get(`/api/v2/computer_groups/${made.id}?include_computer_specs_flag=1`);
    expect(shown.data.computer_specs).toEqual([
      { computer_name: 'SRV-1.corp.example', ip_address: '10.0.0.101' },
      { computer_name: 'WS-3.corp.example', ip_address: '10.0.0.103' },
    ]);
    expect((await cloud.patch(`/api/v2/computer_groups/${made.id}`, { name: 'Renamed' })).data.name).toBe('Renamed');
    expect((await cloud.remove(`/api/v2/computer_groups/${made.id}`)).data).toMatchObject({ deleted_flag: true });
  });

  it('that are deleted are known no more', async () => {
    const cloud = await startCloud();
    const { id } = (await cloud.post('/api/v2/groups', { name: 'Mine', text: 'Online equals True' })).data;
    expect((await cloud.remove(`/api/v2/groups/${id}`)).data).toEqual({ id });
    expect((await cloud.get(`/api/v2/groups/${id}`)).status).toBe(404);
    const question = await cloud.ask('Get Computer Name from all machines with Mine');
    expect((await cloud.get(`/api/v2/questions/${question}`)).data.query_text).toContain('number of machines');
  });

  it('are built of the rows of a result that is kept', async () => {
    const cloud = await startCloud();
    const id = await cloud.ask('Get OS Platform from all machines');
    await cloud.advance(15);
    const { data } = await cloud.get(`/api/v2/result_data/question/${id}?cache_expiration=600`);
    const { cache_id, rows } = data.result_sets[0];
    const windows = rows.find((row: any) => row.data[0][0].text === 'Windows');
    const build = { cache_id: Number(cache_id), reference_ids: [windows.ref_id] };
    const built = (await cloud.post('/api/v2/build_target_group', build)).data;
    const action = await deploy(cloud, inventory, { target_group: { id: built.id } });
    const [{ id: issued, targets }] = (await cloud.get('/_sim/actions')).json;
    expect([issued, targets]).toEqual([action, [101, 102, 103]]);
    const nobody = (await cloud.post('/api/v2/build_target_group', { ...build, reference_ids: [99] })).data;
    await deploy(cloud, inventory, { target_group: { id: nobody.id } });
    expect((await cloud.get('/_sim/actions')).json[1].targets).toEqual([]);
  });

  it('of actions get a new id when they are changed', async () => {
    const cloud = await startCloud();
    const made = (await cloud.post('/api/v2/action_groups', { name: 'Mine', groups: [{ id: 1 }] })).data;
    const changed = (
      await cloud.patch(`/api/v2/action_groups/${made.id}`, { groups: [{ name: 'All Windows Computers' }] })
    ).data;
    expect(changed).toMatchObject({ name: 'Mine', groups: [{ name: 'All Windows Computers' }] });
    expect(changed.id).not.toBe(made.id);
    expect((await cloud.get(`/api/v2/action_groups/${made.id}`)).status).toBe(404);
    expect((await cloud.remove('/api/v2/action_groups/by-name/Mine')).data).toMatchObject({ deleted_flag: 1 });
  });
});
