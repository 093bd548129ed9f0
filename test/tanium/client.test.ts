import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TrueupError } from '../../src/errors.ts';
import type { RequestRecord } from '../../src/tanium/client.ts';
import { connectTanium } from '../../src/tanium/connect.ts';
import { scanRow, scripted } from './scripted.ts';
import {
  certificate,
  connectTo,
  errorOf,
  httpServer,
  httpsServer,
  json,
  proxyServer,
  quickClock,
  tcpServer,
} from './wire.ts';

const sensors = {
  data: [
    { id: 1, name: 'Computer ID' },
    { cache_id: 1, cache_row_count: 1 },
  ],
};
const route = { packageId: 7, parameterKey: '$0', actionGroupId: 4 };
const request = { name: 'Trueup r k', comment: '', encodedCommand: 'QQ==', computerIds: ['11'], expireSeconds: 60 };

function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'trueup-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'ca.pem');
  writeFileSync(path, content);
  return path;
}

describe('the request', () => {
  it('#85 carries the token as `token-…`, once, however the secret is spelt', async () => {
    const server = await httpServer((_, response) => json(response, 200, sensors));
    for (const token of ['abcdef', 'token-abcdef', ' token-abcdef\n', 'token-token-abcdef']) {
      await connectTo(server.url, { token }).check();
    }
    expect(server.asked.map(({ headers }) => headers['session'])).toEqual(Array(4).fill('token-abcdef'));
  });

  it('leaves a session string of a login as it is', async () => {
    const server = await httpServer((_, response) => json(response, 200, sensors));
    await connectTo(server.url, { token: '1-224-00ff' }).check();
    expect(server.asked[0]?.headers['session']).toBe('1-224-00ff');
  });

  it('names the integration and sends no other credential', async () => {
    const server = await httpServer((_, response) => json(response, 200, sensors));
    await connectTo(server.url).check();
    expect(server.asked[0]?.headers).toMatchObject({ 'x-tanium-integration': 'trueup' });
    expect(server.asked[0]?.headers['authorization']).toBeUndefined();
  });

  it('#143 is logged with method, path, status, time and size, and without token', async () => {
    const records: RequestRecord[] = [];
    const server = await httpServer((_, response) => json(response, 200, sensors));
    await connectTo(server.url, { log: (record) => records.push(record) }).check();
    expect(records).toEqual([
      {
        method: 'GET',
        path: '/api/v2/sensors?row_start=0&row_count=1',
        status: 200,
        ms: expect.any(Number),
        bytes: JSON.stringify(sensors).length,
        error: null,
      },
    ]);
    expect(JSON.stringify(records)).not.toContain('0123456789abcdef');
  });

  it.each([
    ['http://tanium.example', /plain http/],
    ['https://tanium.example/api/v2', /path/],
    ['https://user:pw@tanium.example', /credentials/],
    ['ftp://tanium.example', /ftp:/],
    ['tanium', /not a URL/],
  ])('#83 never goes to %s', (baseUrl, message) => {
    const open = (): unknown => connectTanium({ baseUrl, token: 'x', proxy: null, caFile: null, clock: quickClock() });
    expect(open).toThrow(message);
    expect(open).toThrow(expect.objectContaining({ code: 'TRUEUP_CONFIG_INVALID' }));
  });
});

describe('an unhappy answer', () => {
  it.each([
    [
      401,
      { text: '401 Unauthorized\n\nREST Authentication Error' },
      'TRUEUP_TANIUM_UNAUTHORIZED',
      /REST Authentication Error/,
    ],
    [
      401,
      { Message: 'User is not authorized to access this resource with an explicit deny' },
      'TRUEUP_TANIUM_UNAUTHORIZED',
      /explicit deny/,
    ],
    [
      403,
      { text: "403 Forbidden\n\nRBACInsufficientPrivilege: missing permission 'Write Action'" },
      'TRUEUP_TANIUM_FORBIDDEN',
      /Write Action/,
    ],
    [
      404,
      { errors: [{ code: 'NotFound', description: 'no such route' }] },
      'TRUEUP_TANIUM_NOT_FOUND',
      /NotFound: no such route/,
    ],
    [429, { text: '429 Too Many Requests' }, 'TRUEUP_TANIUM_BUSY', /429/],
    [500, { text: '500 Internal Server Error\n\nSensorNameInvalid' }, 'TRUEUP_TANIUM_SERVER', /SensorNameInvalid/],
    [
      400,
      { text: '400 Bad Request\n\nREST Processing Exception: InvalidJSONBody' },
      'TRUEUP_TANIUM_REFUSED',
      /InvalidJSONBody/,
    ],
    [302, {}, 'TRUEUP_TANIUM_PROTOCOL', /302/],
  ])('%i %j is %s', async (status, body, code, message) => {
    const server = await httpServer((_, response) => json(response, status, body));
    const error = await errorOf(connectTo(server.url).check());
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it.each([
    ["missing permission 'Write Action'", '"Write Action"'],
    ['The persona lacks the privilege "Question - Ask"', '"Question - Ask"'],
    ['privilege Action - Show Preview is missing', '"Action - Show Preview'],
  ])('403 names the missing right in its remedy (#30): %s', async (said, right) => {
    const text = `403 Forbidden\n\nRBACInsufficientPrivilege: ${said}`;
    const server = await httpServer((_, response) => json(response, 403, { text }));
    expect(await errorOf(connectTo(server.url).check())).toMatchObject({
      remedy: expect.stringContaining(right),
    });
  });

  it('that says an invalid session under status 200 is still one', async () => {
    const server = await httpServer((_, response) => json(response, 200, { text: 'Invalid session' }));
    expect(await errorOf(connectTo(server.url).check())).toMatchObject({ code: 'TRUEUP_TANIUM_UNAUTHORIZED' });
  });

  it('of several JSON documents says what each of them says', async () => {
    const server = await httpServer((_, response) => {
      response.writeHead(400).end('{"text":"400 first"}\n{"text":"400 second"}\n');
    });
    expect(await errorOf(connectTo(server.url).check())).toMatchObject({
      message: expect.stringContaining('400 first / 400 second'),
    });
  });

  it.each([200, 502])('of HTML under status %i is named as HTML, not as a JSON error', async (status) => {
    const server = await httpServer((_, response) => {
      response
        .writeHead(status, { 'content-type': 'text/html' })
        .end('<!doctype html><title>Sign in</title><p>{"data":[]}');
    });
    const error = await errorOf(connectTo(server.url).check());
    expect(error).toMatchObject({
      code: status === 200 ? 'TRUEUP_TANIUM_PROTOCOL' : 'TRUEUP_TANIUM_SERVER',
      message: expect.stringContaining('HTML'),
    });
  });

  it('never carries the token, control characters or endless text into the message', async () => {
    const text = `403 \u001b[31mtoken-0123456789abcdef\u202e and 0123456789abcdef\r\n${'x'.repeat(5000)}`;
    for (const [status, body] of [
      [403, { text }],
      [200, { nothing: text }],
    ] as const) {
      const server = await httpServer((_, response) => json(response, status, body));
      const error = (await errorOf(connectTo(server.url).check())) as TrueupError;
      expect(error).toBeInstanceOf(TrueupError);
      expect(error.message).not.toContain('0123456789abcdef');
      expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(error.message.length).toBeLessThan(500);
    }
  });

  it('that is not HTTP at all is a protocol error', async () => {
    const server = await tcpServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n'));
    expect(await errorOf(connectTo(server.url).check())).toMatchObject({ code: 'TRUEUP_TANIUM_PROTOCOL' });
  });

  it.each([
    [
      'shorter than announced',
      (body: string) => `HTTP/1.1 200 OK\r\ncontent-length: ${body.length + 9}\r\n\r\n${body}`,
    ],
    [
      'chunked and never ended',
      (body: string) =>
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
    ],
    [
      'closed without a length, too early',
      (body: string) => `HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${body.slice(0, 20)}`,
    ],
  ])('#133 that is %s is asked for again, whole, and named when it stays so', async (_, wire) => {
    let asked = 0;
    const server = await tcpServer((socket) => {
      socket.once('data', () => {
        asked += 1;
        socket.end(wire(JSON.stringify(sensors)));
      });
    });
    const error = await errorOf(connectTo(server.url).check());
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_PROTOCOL', message: expect.stringContaining('cut off') });
    expect(asked).toBe(4);
  });
});

describe('repetition', () => {
  it('of a read outlasts passing faults', async () => {
    const server = await httpServer((_, response, nth) => {
      if (nth === 1) response.destroy();
      else if (nth === 2) json(response, 503, { text: '503 Service Unavailable' });
      else if (nth === 3) json(response, 429, {}, { 'retry-after': '7' });
      else json(response, 200, sensors);
    });
    const clock = quickClock();
    const connection = connectTo(server.url, { clock });
    await connection.check();
    expect(clock.slept).toEqual([250, 1000, 7000]);
    expect(connection.requests()).toMatchObject({ calls: 4, errors: 3 });
  });

  it('waits no longer than 30 s, whatever Retry-After asks for', async () => {
    const server = await httpServer((_, response) => json(response, 429, {}, { 'retry-after': '86400' }));
    const clock = quickClock();
    await errorOf(connectTo(server.url, { clock }).check());
    expect(clock.slept).toEqual([30_000, 30_000, 30_000]);
  });

  it('of a question outlasts passing faults, since asking twice changes nothing', async () => {
    const tanium = await scripted({
      lists: { groups: [{ id: 17, name: 'Servers', type: 0 }] },
      looks: [{ tested: 1, passed: 1, rows: [scanRow(11)] }],
      questionFaults: [503, 'reset', 504],
    });
    const clock = quickClock();
    const scan = { sensor: 'NPS Admin Members', maxAgeSeconds: 600, group: 'Servers', timeoutSeconds: 60 };
    const answer = await connectTo(tanium.url, { clock }).scanner.scanGroup(scan);
    expect(clock.slept.slice(0, 3)).toEqual([250, 1000, 4000]);
    expect(answer).toMatchObject({ answered: 1, question: '1001' });
    expect(new Set(tanium.questions()).size).toBe(1);
    expect(tanium.questions()).toHaveLength(4);
  });

  it('of a question is given up after the fourth time', async () => {
    const tanium = await scripted({ looks: [], questionFaults: [503, 503, 503, 503] });
    const scan = { sensor: 'NPS Admin Members', maxAgeSeconds: 600, computerIds: null, timeoutSeconds: 60 };
    const error = await errorOf(connectTo(tanium.url, { clock: quickClock() }).scanner.scan(scan));
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_SERVER' });
    expect(tanium.questions()).toHaveLength(4);
  });

  it('is not tried where the answer will be the same', async () => {
    const server = await httpServer((_, response) => json(response, 403, {}));
    await errorOf(connectTo(server.url).check());
    expect(server.asked).toHaveLength(1);
  });

  it.each([
    ['a reset', (response: import('node:http').ServerResponse) => response.destroy(), 'TRUEUP_TANIUM_UNREACHABLE'],
    [
      'a gateway that gave up',
      (response: import('node:http').ServerResponse) => json(response, 504, {}),
      'TRUEUP_TANIUM_SERVER',
    ],
    [
      'an answer without an id',
      (response: import('node:http').ServerResponse) => json(response, 200, { data: {} }),
      'TRUEUP_TANIUM_PROTOCOL',
    ],
    ['HTML', (response: import('node:http').ServerResponse) => response.end('<html>'), 'TRUEUP_TANIUM_PROTOCOL'],
  ])('of an action never happens: %s leaves it in doubt', async (_, fail, code) => {
    const server = await httpServer((_asked, response) => fail(response));
    const error = await errorOf(connectTo(server.url).actions.issue(route, request));
    expect(error).toMatchObject({ code, doubtful: true });
    expect(server.asked).toHaveLength(1);
  });

  it('of an action never happens: silence leaves it in doubt', async () => {
    const server = await httpServer(() => {});
    const connection = connectTo(server.url, { timeouts: { connect: 500, headers: 500, body: 500 } });
    expect(await errorOf(connection.actions.issue(route, request))).toMatchObject({ doubtful: true });
    expect(server.asked).toHaveLength(1);
  });

  it('of an action never happens: an interruption leaves it in doubt', async () => {
    const abort = new AbortController();
    const server = await httpServer(() => abort.abort());
    const connection = connectTo(server.url);
    const error = await errorOf(connection.actions.issue(route, request, abort.signal));
    expect(error).toMatchObject({ code: 'TRUEUP_INTERRUPTED', doubtful: true });
    // That the operator stops is no error of Tanium's.
    expect(connection.requests()).toMatchObject({ calls: 1, errors: 0 });
  });

  it.each([400, 401, 403, 429])('of an action is no question after %i: Tanium did nothing', async (status) => {
    const server = await httpServer((_, response) => json(response, status, {}));
    expect(await errorOf(connectTo(server.url).actions.issue(route, request))).toMatchObject({ doubtful: false });
  });

  it('of an action is no question where no connection came about', async () => {
    const error = await errorOf(connectTo('http://127.0.0.1:1').actions.issue(route, request));
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_UNREACHABLE', doubtful: false });
  });

  it('of an action on a kept connection that the server just closed does not arise: each has its own', async () => {
    const server = await httpServer((asked, response) =>
      json(response, 200, asked.method === 'POST' ? { data: { id: 9 } } : sensors),
    );
    const connection = connectTo(server.url);
    await connection.check();
    expect(await connection.actions.issue(route, request)).toBe('9');
    expect(server.asked.map(({ headers }) => headers['connection'])).toEqual(['keep-alive', 'close']);
  });
});

describe('an unreachable host', () => {
  it('tells a name that nobody knows from a port that nobody serves', async () => {
    const name = await errorOf(connectTo('https://no-such-host.invalid').check());
    expect(name).toMatchObject({ code: 'TRUEUP_TANIUM_UNREACHABLE', message: expect.stringContaining('DNS') });
    const port = await errorOf(connectTo('http://127.0.0.1:1').check());
    expect(port).toMatchObject({ code: 'TRUEUP_TANIUM_UNREACHABLE', message: expect.stringContaining('TCP') });
  });

  it('that accepts and then says nothing is given up', async () => {
    const server = await tcpServer(() => {});
    const connection = connectTo(server.url, { timeouts: { connect: 200, headers: 200, body: 200 } });
    expect(await errorOf(connection.check())).toMatchObject({
      code: 'TRUEUP_TANIUM_UNREACHABLE',
      message: expect.stringContaining('in time'),
    });
  });
});

describe('TLS', () => {
  it('accepts the authority that is named, and no other', async () => {
    const tls = await certificate(['127.0.0.1']);
    const server = await httpsServer((_, response) => json(response, 200, sensors), tls);
    await connectTo(server.url, { caFile: fileWith(tls.cert) }).check();
    const error = await errorOf(connectTo(server.url).check());
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_TLS', doubtful: false });
    expect(server.asked).toHaveLength(1);
  });

  it('is checked even where the environment turns checking off', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });
    const server = await httpsServer((_, response) => json(response, 200, sensors), await certificate(['127.0.0.1']));
    expect(await errorOf(connectTo(server.url).check())).toMatchObject({ code: 'TRUEUP_TANIUM_TLS' });
  });

  it('refuses a certificate of another host, or one that has expired', async () => {
    for (const tls of [
      await certificate(['other.example']),
      await certificate(['127.0.0.1'], new Date(Date.now() - 86_400_000)),
    ]) {
      const server = await httpsServer((_, response) => json(response, 200, sensors), tls);
      expect(await errorOf(connectTo(server.url, { caFile: fileWith(tls.cert) }).check())).toMatchObject({
        code: 'TRUEUP_TANIUM_TLS',
      });
    }
  });

  it('#181 refuses a server of TLS 1.1', async () => {
    const tls = await certificate(['127.0.0.1']);
    const old = { ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const server = await httpsServer((_, response) => json(response, 200, sensors), old);
    expect(await errorOf(connectTo(server.url, { caFile: fileWith(tls.cert) }).check())).toMatchObject({
      code: 'TRUEUP_TANIUM_TLS',
    });
  });

  it('to a port that speaks plain HTTP is refused as such', async () => {
    const server = await httpServer((_, response) => json(response, 200, sensors));
    const error = await errorOf(connectTo(server.url.replace('http:', 'https:')).check());
    expect(error).toMatchObject({
      code: 'TRUEUP_TANIUM_TLS',
      message: expect.stringMatching(/^What answers at 127\.0\.0\.1:\d+ does not speak TLS\.$/),
      remedy: expect.stringContaining('port of apiBaseUrl'),
    });
  });

  it('names the file where the authority cannot be used', () => {
    expect(() => connectTo('https://127.0.0.1', { caFile: '/nowhere/ca.pem' })).toThrow(/\/nowhere\/ca\.pem/);
    expect(() => connectTo('https://127.0.0.1', { caFile: fileWith('no certificate') })).toThrow(/no PEM/);
  });
});

describe('#184 a proxy', () => {
  const login = { username: 'scan:ner', password: 'pä:ss word' };

  async function throughProxy(status: (authorization: string | undefined) => number, named = '127.0.0.1') {
    const tls = await certificate(['127.0.0.1', 'localhost']);
    const server = await httpsServer((_, response) => json(response, 200, sensors), tls);
    const proxy = await proxyServer(status);
    const connection = connectTo(server.url.replace('127.0.0.1', named), {
      caFile: fileWith(tls.cert),
      proxy: { url: proxy.url, ...login },
    });
    return { server, proxy, connection };
  }

  it('carries every call, authenticated, with TLS to Tanium itself through the tunnel', async () => {
    const { server, proxy, connection } = await throughProxy(() => 200, 'localhost');
    await connection.check();
    const issued = await errorOf(connection.actions.issue(route, request));
    expect(issued).toMatchObject({ code: 'TRUEUP_TANIUM_PROTOCOL' });
    const authorization = `Basic ${Buffer.from('scan:ner:pä:ss word').toString('base64')}`;
    expect(proxy.connects).toEqual(Array(2).fill({ target: `localhost:${server.port}`, authorization }));
    expect(server.asked).toHaveLength(2);
    expect(server.asked[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('that refuses the credentials is named, without them', async () => {
    const { connection } = await throughProxy(() => 407);
    const error = (await errorOf(connection.actions.issue(route, request))) as TrueupError;
    expect(error).toMatchObject({
      code: 'TRUEUP_TANIUM_PROXY',
      doubtful: false,
      message: expect.stringContaining('407'),
    });
    expect(error.message).not.toContain('pä:ss');
  });

  it.each([403, 502])('that answers %i is named with its answer', async (status) => {
    const { connection } = await throughProxy(() => status);
    const error = await errorOf(connection.check());
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_PROXY', message: expect.stringContaining(String(status)) });
  });

  it('that is not there is named, not Tanium', async () => {
    const connection = connectTo('https://tanium.example', {
      proxy: { url: 'http://127.0.0.1:1', username: null, password: null },
    });
    const error = await errorOf(connection.check());
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_PROXY', message: expect.stringContaining('127.0.0.1:1') });
  });

  it('that hangs up on every CONNECT is given up', async () => {
    const proxy = await proxyServer(() => 0);
    const connection = connectTo('https://tanium.example', {
      proxy: { url: proxy.url, username: null, password: null },
      timeouts: { connect: 150, headers: 150, body: 150 },
    });
    expect(await errorOf(connection.check())).toMatchObject({ code: 'TRUEUP_TANIUM_PROXY' });
    expect(proxy.connects.length).toBeLessThan(9);
  });

  it('that never answers CONNECT is given up, and an interruption does not wait for it', async () => {
    const silent = await tcpServer(() => {});
    const proxy = { url: silent.url, username: null, password: null };
    const timeouts = { connect: 150, headers: 150, body: 150 };
    const error = await errorOf(connectTo('https://tanium.example', { proxy, timeouts }).check());
    expect(error).toMatchObject({ code: 'TRUEUP_TANIUM_UNREACHABLE', message: expect.stringContaining('in time') });
    const abort = new AbortController();
    const waiting = errorOf(connectTo('https://tanium.example', { proxy }).check(abort.signal));
    abort.abort();
    expect(await waiting).toMatchObject({ code: 'TRUEUP_INTERRUPTED' });
  });

  it('does not make a wrong certificate right', async () => {
    const server = await httpsServer((_, response) => json(response, 200, sensors), await certificate(['127.0.0.1']));
    const proxy = await proxyServer(() => 200);
    const connection = connectTo(server.url, { proxy: { url: proxy.url, username: null, password: null } });
    expect(await errorOf(connection.check())).toMatchObject({ code: 'TRUEUP_TANIUM_TLS' });
  });
});
