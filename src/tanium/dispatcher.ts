/** The undici dispatchers of one connection: TLS, certificate authority, proxy, timeouts. */
import { readFileSync } from 'node:fs';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { Agent, type Dispatcher, Pool, ProxyAgent } from 'undici';
import { messageOf, TrueupError } from '../errors.ts';

export interface Timeouts {
  /** All in milliseconds. */
  readonly connect: number;
  /** From the request to the answer's headers. */
  readonly headers: number;
  /** Between two pieces of the answer's body. */
  readonly body: number;
}

export const defaultTimeouts: Timeouts = { connect: 10_000, headers: 30_000, body: 30_000 };

export interface ProxySettings {
  readonly url: string;
  readonly username: string | null;
  readonly password: string | null;
}

export interface Dispatchers {
  /** Keeps connections. */
  readonly pooled: Dispatcher;
  /**
   * A new connection per request: what is not sent twice is not put on a kept connection that the server may be
   * closing at that moment, which would leave its outcome in doubt.
   */
  readonly fresh: Dispatcher;
}

/** Connections to one Tanium host at a time. */
const connections = 10;

/** Throws TRUEUP_TANIUM_TLS where `caFile` cannot be used, TRUEUP_TANIUM_PROXY where the proxy's URL cannot. */
export function openDispatchers(proxy: ProxySettings | null, caFile: string | null, timeouts: Timeouts): Dispatchers {
  // One context for all connections: parsing the certificate authorities costs 50 ms. Checking stays on whatever
  // NODE_TLS_REJECT_UNAUTHORIZED says.
  const connect = {
    timeout: timeouts.connect,
    secureContext: secureContext(caFile),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: true,
  } as const;
  const options = { connections, headersTimeout: timeouts.headers, bodyTimeout: timeouts.body };
  const open = (extra: { readonly pipelining?: 0 }): Dispatcher => {
    if (proxy === null) return new Agent({ ...options, ...extra, connect });
    const credentials = authorization(proxy);
    return new ProxyAgent({
      ...options,
      ...extra,
      uri: proxyUrl(proxy),
      ...(credentials === null ? {} : { token: credentials }),
      requestTls: connect,
      proxyTls: connect,
      clientFactory: proxyClient,
    });
  };
  return { pooled: open({}), fresh: open({ pipelining: 0 }) };
}

/** The proxy closed the connection instead of answering CONNECT. */
export class ProxyHungUp extends Error {}

/**
 * The connections to the proxy itself. undici takes a socket that closes during CONNECT for one that was merely idle,
 * and connects again without end and without pause (`onError` of its client); under another name it is an error.
 */
function proxyClient(origin: URL, options: object): Dispatcher {
  const pool = new Pool(origin, options);
  const connect: (options: Dispatcher.ConnectOptions) => Promise<Dispatcher.ConnectData> = pool.connect.bind(pool);
  const connectOnce = async (request: Dispatcher.ConnectOptions): Promise<Dispatcher.ConnectData> => {
    try {
      return await connect(request);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'UND_ERR_SOCKET') throw cause;
      throw new ProxyHungUp('the proxy hung up', { cause });
    }
  };
  return Object.assign(pool, { connect: connectOnce });
}

function secureContext(caFile: string | null): SecureContext {
  if (caFile === null) return createSecureContext({ minVersion: 'TLSv1.2' });
  try {
    const pem = readFileSync(caFile, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----')) throw new Error('it holds no PEM certificate');
    return createSecureContext({ ca: [...getCACertificates('default'), pem], minVersion: 'TLSv1.2' });
  } catch (origin) {
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_TANIUM_TLS', `The certificate authority ${caFile} cannot be used: ${why}.`, {
      cause: 'The file is missing, unreadable, or not a PEM certificate.',
      remedy: 'Name a PEM file in EdrProvider.spec.tls.ca.',
      origin,
    });
  }
}

/** Host and port alone: credentials travel in a header of their own and are never part of a URL. */
function proxyUrl(proxy: ProxySettings): string {
  const url = URL.canParse(proxy.url) ? new URL(proxy.url) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TrueupError('TRUEUP_TANIUM_PROXY', 'The URL of the proxy is not http://HOST:PORT or https://HOST:PORT.');
  }
  return url.origin;
}

function authorization(proxy: ProxySettings): string | null {
  if (proxy.username === null) return null;
  return `Basic ${Buffer.from(`${proxy.username}:${proxy.password ?? ''}`, 'utf8').toString('base64')}`;
}

/** `host:port` of a URL, for messages. */
export function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}
