import { describe, expect, it } from 'vitest';
import { startCloud } from './cloud.ts';

const none = { session: '' };

describe('sessions of the simulated Tanium', () => {
  it('#85 takes the token as it is, and refuses every other one with 401 in its own words', async () => {
    const cloud = await startCloud();
    expect(cloud.token).toMatch(/^token-[0-9a-f]{58}$/);
    expect((await cloud.get('/api/v2/client_count')).json).toEqual({ data: 4 });
    for (const session of ['', 'token-0', cloud.token.slice('token-'.length), `Bearer ${cloud.token}`]) {
      const refused = await cloud.get('/api/v2/client_count', { session });
      expect(refused.status).toBe(401);
      expect(refused.json.text).toMatch(/^401 Unauthorized\n\n[\w ]+: Unauthorized: /);
    }
  });

  it('logs a user in, for five minutes after each request', async () => {
    const cloud = await startCloud();
    const login = await cloud.post('/api/v2/session/login', { username: 'approver', password: cloud.password }, none);
    const { session } = login.data;
    expect(session).toMatch(/^2-\d+-[0-9a-f]{64}$/);
    expect((await cloud.get('/api/v2/session/current', { session })).data).toMatchObject({ id: 2, name: 'approver' });
    expect((await cloud.post('/api/v2/session/validate', { session }, none)).json).toEqual({ data: { session } });
    for (let step = 0; step < 3; step += 1) {
      await cloud.advance(299);
      expect((await cloud.get('/api/v2/client_count', { session })).status).toBe(200);
    }
    await cloud.advance(301);
    const expired = await cloud.get('/api/v2/client_count', { session });
    expect(expired.status).toBe(403);
    expect(expired.json.text).toContain(': InvalidSession: ');
  });

  it('ends a session on request, and says so when it is asked', async () => {
    const cloud = await startCloud();
    const body = { username: 'administrator', password: cloud.password };
    const { session } = (await cloud.post('/api/v2/session/login', body, none)).data;
    expect((await cloud.post('/api/v2/session/logout', { session }, none)).data).toEqual({ session });
    expect((await cloud.get('/api/v2/client_count', { session })).status).toBe(403);
    expect((await cloud.post('/api/v2/session/validate', { session }, none)).status).toBe(403);
    expect((await cloud.post('/api/v2/session/validate', { session: '1-1-0' }, none)).status).toBe(401);
  });

  it('speaks the old /auth too, which answers the bare session', async () => {
    const cloud = await startCloud();
    const basic = Buffer.from(`administrator:${cloud.password}`).toString('base64');
    const answers = [
      await cloud.get('/auth', { ...none, authorization: `Basic ${basic}` }),
      await cloud.get('/auth', { ...none, username: 'administrator', password: cloud.password }),
    ];
    for (const { text } of answers) {
      expect((await cloud.get('/api/v2/client_count', { session: text })).status).toBe(200);
    }
  });

  it('locks a user for ten minutes after ten wrong passwords', async () => {
    const cloud = await startCloud();
    const login = (password: string) => cloud.post('/api/v2/session/login', { username: 'approver', password }, none);
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await login('wrong')).status).toBe(401);
    const locked = await login(cloud.password);
    expect([locked.status, locked.json.text]).toEqual([401, expect.stringContaining('locked')]);
    const other = { username: 'administrator', password: cloud.password };
    expect((await cloud.post('/api/v2/session/login', other, none)).status).toBe(200);
    await cloud.advance(601);
    expect((await login(cloud.password)).status).toBe(200);
  });

  it('makes API tokens that expire, a week later unless they say otherwise', async () => {
    const cloud = await startCloud();
    const made = (await cloud.post('/api/v2/api_tokens', {})).data;
    expect(made).toMatchObject({
      expire_in_days: 7,
      deleted_flag: 0,
      persona: { id: 0 },
      user: { name: 'administrator' },
    });
    const session = made.token_string;
    expect((await cloud.get('/api/v2/client_count', { session })).status).toBe(200);
    expect((await cloud.get(`/api/v2/api_tokens/${made.id}`)).data).not.toHaveProperty('token_string');
    await cloud.advance(7 * 86_400);
    expect((await cloud.get('/api/v2/client_count', { session })).status).toBe(401);
  });

  it('rotates a token by PATCH: a new one under a new id, and the old one ends', async () => {
    const cloud = await startCloud();
    const old = (await cloud.post('/api/v2/api_tokens', { notes: 'mine', expire_in_days: 30 })).data;
    const rotated = (await cloud.patch('/api/v2/api_tokens', { token_string: old.token_string })).data;
    expect(rotated).toMatchObject({ notes: 'mine', expire_in_days: 30 });
    expect(rotated.id).not.toBe(old.id);
    expect((await cloud.get('/api/v2/client_count', { session: old.token_string })).status).toBe(401);
    expect((await cloud.get('/api/v2/client_count', { session: rotated.token_string })).status).toBe(200);
    expect((await cloud.patch('/api/v2/api_tokens', { token_string: old.token_string })).json.text).toContain(
      'APITokenNotFound',
    );
  });

  it('deletes a token, and lists the others without a cache_info', async () => {
    const cloud = await startCloud();
    const made = (await cloud.post('/api/v2/api_tokens', { name: 'short' })).data;
    expect((await cloud.get('/api/v2/api_tokens')).data.map(({ name }: any) => name)).toEqual(['simulator', 'short']);
    expect((await cloud.remove(`/api/v2/api_tokens/${made.id}`)).data).toMatchObject({ id: made.id, deleted_flag: 1 });
    expect((await cloud.get(`/api/v2/api_tokens/${made.id}`)).json.text).toContain('APITokenNotFound');
    expect((await cloud.get('/api/v2/client_count', { session: made.token_string })).status).toBe(401);
  });

  it('takes a token only from the addresses that it trusts', async () => {
    const cloud = await startCloud();
    const made = async (trusted_ip_addresses: string): Promise<string> =>
      (await cloud.post('/api/v2/api_tokens', { trusted_ip_addresses })).data.token_string;
    const status = async (session: string): Promise<number> =>
      (await cloud.get('/api/v2/client_count', { session })).status;
    expect(await status(await made('10.0.0.0/8, 192.168.1.1'))).toBe(401);
    expect(await status(await made('not an address'))).toBe(401);
    expect(await status(await made('10.0.0.0/8,127.0.0.0/8'))).toBe(200);
    expect(await status(await made('0.0.0.0/0'))).toBe(200);
  });

  it('tells its version to everybody', async () => {
    const cloud = await startCloud();
    expect((await cloud.get('/config/console.json', none)).json).toEqual({ serverVersion: expect.any(String) });
  });
});
