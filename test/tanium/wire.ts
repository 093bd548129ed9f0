/** Small servers for the faults that a simulator does not make: real sockets, the recorded shapes. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { generate } from 'selfsigned';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../src/ports.ts';
import { connectTanium, type TaniumConnection, type TaniumOptions } from '../../src/tanium/connect.ts';

/** Waits a thousandth of what it is asked to, and says so through `slept`. */
export function quickClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  let ahead = 0;
  return {
    slept,
    now: () => new Date(Date.now() + ahead).toISOString(),
    sleep: async (milliseconds, signal) => {
      slept.push(milliseconds);
      ahead += milliseconds;
      await new Promise<void>((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    },
  };
}

export interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Listening {
  readonly url: string;
  readonly port: number;
  readonly asked: Asked[];
}

type Handler = (asked: Asked, response: ServerResponse, nth: number) => void;

async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

function answering(handler: Handler, asked: Asked[]): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server');
      const one = {
        method: request.method ?? '',
        url,
        headers: request.headers,
        body: Buffer.concat(parts).toString(),
      };
      asked.push(one);
      handler(one, response, asked.length);
    });
  };
}

export async function httpServer(handler: Handler): Promise<Listening> {
  const asked: Asked[] = [];
  const port = await listen(createServer(answering(handler, asked)));
  return { url: `http://127.0.0.1:${port}`, port, asked };
}

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Its own authority; `names`: DNS names and IP addresses that it is for. */
export async function certificate(names: readonly string[], notAfterDate?: Date): Promise<Certificate> {
  const altNames = names.map((name) =>
    /^[\d.]+$/.test(name) ? { type: 7 as const, ip: name } : { type: 2 as const, value: name },
  );
  const pems = await generate([{ name: 'commonName', value: 'trueup-test' }], {
    keyType: 'ec',
    notBeforeDate: new Date(Date.now() - 30 * 86_400_000),
    ...(notAfterDate ? { notAfterDate } : {}),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames },
    ],
  });
  return { key: pems.private, cert: pems.cert };
}

export async function httpsServer(handler: Handler, tls: ServerOptions): Promise<Listening> {
  const asked: Asked[] = [];
  const port = await listen(createTlsServer(tls, answering(handler, asked)));
  return { url: `https://127.0.0.1:${port}`, port, asked };
}

/** Talks bytes: for what no HTTP server would say. */
export async function tcpServer(
  handler: (socket: Socket, nth: number) => void,
): Promise<{ readonly url: string; readonly port: number }> {
  let count = 0;
  const port = await listen(
    createTcpServer((socket) => {
      count += 1;
      handler(socket, count);
    }),
  );
  return { url: `http://127.0.0.1:${port}`, port };
}

export interface Tunnels extends Listening {
  /** What each CONNECT asked for, and with which credentials. */
  readonly connects: { readonly target: string; readonly authorization: string | undefined }[];
}

/** A proxy that opens tunnels to this machine, or answers CONNECT with another status. */
export async function proxyServer(answer: (authorization: string | undefined) => number): Promise<Tunnels> {
  const asked: Asked[] = [];
  const connects: { readonly target: string; readonly authorization: string | undefined }[] = [];
  const server = createServer(answering((_, response) => response.writeHead(400).end(), asked));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    const target = request.url ?? '';
    const authorization = request.headers['proxy-authorization'];
    connects.push({ target, authorization });
    const status = answer(authorization);
    if (status === 0) {
      socket.destroy();
      return;
    }
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, port, asked, connects };
}

export function connectTo(url: string, options: Partial<TaniumOptions> = {}): TaniumConnection {
  const connection = connectTanium({
    baseUrl: url,
    token: 'token-0123456789abcdef',
    proxy: null,
    caFile: null,
    clock: quickClock(),
    timeouts: { connect: 2_000, headers: 5_000, body: 5_000 },
    ...options,
  });
  onTestFinished(() => connection.close());
  return connection;
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** The error that a promise must end with. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error('it went well');
}
