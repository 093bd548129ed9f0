/** Listens, reads requests, and hands them on: to the API, or to the simulator's own end points. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrueupError } from '../../errors.ts';
import type { Cloud } from '../cloud.ts';
import { answer, type RequestCounts } from './answer.ts';
import type { Reply, Route } from './call.ts';
import type { Certificate } from './certificate.ts';
import { type Router, routerOf } from './router.ts';
import { send, sendHalf } from './write.ts';

export interface ServerOptions {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Milliseconds of wall clock before each answer. */
  readonly latencyMs: number;
  readonly certificate: Certificate | null;
  readonly routes: readonly Route[];
  /** `/_sim/…`: neither counted nor delayed, and no fault touches them. */
  readonly control: Control;
  readonly counts: RequestCounts;
}

export type Control = (method: string, path: string, body: Buffer) => Reply;

export interface Listening {
  readonly port: number;
  /** Ends every connection. */
  close(): Promise<void>;
}

const maxBody = 64 * 1024 * 1024;
/** Longer than clients keep an idle connection, so that none is closed under a request that is on its way. */
const keepAlive = 75_000;

/** @throws TRUEUP_SIMULATOR where the port cannot be had */
export async function listen(cloud: Cloud, options: ServerOptions): Promise<Listening> {
  const router = routerOf(options.routes);
  const ended = new AbortController();
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    serve(cloud, options, router, request, response, ended.signal).catch(() => response.destroy());
  };
  const { certificate } = options;
  const server =
    certificate === null
      ? createServer(handle)
      : createTlsServer({ key: certificate.key, cert: certificate.cert, minVersion: 'TLSv1.2' }, handle);
  server.keepAliveTimeout = keepAlive;
  await bound(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      ended.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function bound(server: Server, { host, port }: ServerOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (origin) {
    const code = (origin as NodeJS.ErrnoException).code ?? 'unknown';
    const why = code === 'EADDRINUSE' ? 'another program listens there' : code;
    throw new TrueupError('TRUEUP_SIMULATOR', `${host}:${port} cannot be listened on: ${why}`, { origin });
  }
}

async function serve(
  cloud: Cloud,
  options: ServerOptions,
  router: Router,
  request: IncomingMessage,
  response: ServerResponse,
  ended: AbortSignal,
): Promise<void> {
  const body = await bodyOf(request);
  const url = new URL(`http://simulator${request.url ?? '/'}`);
  if (url.pathname.startsWith('/_sim/')) {
    if (isLocal(request)) await send(response, options.control(request.method ?? '', url.pathname, body));
    else request.socket.destroy();
    return;
  }
  if (options.latencyMs > 0) await sleep(options.latencyMs, undefined, { signal: ended });
  const answered = answer(cloud, router, options.counts, request, url, body);
  if (answered.kind === 'whole') await send(response, answered.reply);
  else if (answered.kind === 'cut') sendHalf(response, answered.reply);
  else if (answered.kind === 'reset') request.socket.resetAndDestroy();
  else request.socket.destroy();
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > maxBody) throw new RangeError(`a body of more than ${maxBody} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** From this machine, and addressed to it: a web page that has its name point here does not get in. */
function isLocal(request: IncomingMessage): boolean {
  const address = request.socket.remoteAddress ?? '';
  const host = (request.headers.host ?? '').replace(/:\d+$/, '');
  return /^(?:::ffff:)?127\.|^::1$/.test(address) && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(host);
}
