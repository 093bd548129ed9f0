/** Turns whatever can go wrong between here and Tanium into one TrueupError, and says whether to try again. */
import { type ErrorCode, type ErrorDetails, TrueupError } from '../errors.ts';
import { ProxyHungUp } from './dispatcher.ts';
import type { Endpoint } from './surface.ts';

export interface Failure {
  readonly error: TrueupError;
  /** The cause may be gone in a moment. */
  readonly passing: boolean;
  /** The request certainly did not reach Tanium, or Tanium certainly did nothing with it. */
  readonly harmless: boolean;
  /** The answer's Retry-After, as it stands; null: there is none. */
  readonly retryAfter: string | null;
}

/** Where requests go, as a message may name it: without credentials. */
export interface Destination {
  /** `host:port` of Tanium. */
  readonly host: string;
  /** `host:port` of the proxy; null: there is none. */
  readonly proxy: string | null;
  /** Texts that must never be shown, the longest first. */
  readonly secrets: readonly string[];
}

/** A body that ended before it was whole. */
export class TruncatedBody extends Error {}

/** Codes of a name that nobody knows. */
export const dnsCodes: ReadonlySet<string> = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'EAI_FAIL',
  'EAI_NONAME',
  'EAI_NODATA',
]);
/** Codes of a connection that does not come about, and how to say it. */
export const refusedCodes: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'refused the connection (TCP)'],
  ['EHOSTUNREACH', 'cannot be reached (no route, TCP)'],
  ['ENETUNREACH', 'cannot be reached (no network, TCP)'],
  ['EHOSTDOWN', 'cannot be reached (host down, TCP)'],
  ['EADDRNOTAVAIL', 'cannot be reached (no local address, TCP)'],
  ['EACCES', 'cannot be reached (a local rule forbids the connection)'],
  ['UND_ERR_CONNECT_TIMEOUT', 'did not accept a connection in time (TCP)'],
]);
const tlsCodes =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|UND_ERR_PRX_TLS$)/;
const timeouts = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
/** undici hides the status of a refused CONNECT in the text of an abort. */
const proxyAnswer = /Proxy response \((\d{3})\)/;

/** An error that was thrown while connecting, sending or reading. */
export function transportFailure(origin: unknown, endpoint: Endpoint, to: Destination): Failure {
  const request = `${endpoint.method} ${endpoint.path}`;
  if (origin instanceof TruncatedBody) {
    return failure('TRUEUP_TANIUM_PROTOCOL', `The answer of ${to.host} to ${request} was cut off.`, { passing: true });
  }
  if (origin instanceof TrueupError) {
    return { error: origin, passing: false, harmless: false, retryAfter: null };
  }
  if (origin instanceof ProxyHungUp) return proxyFailure('nothing and hangs up', to);
  const { code, text } = describe(origin, to);
  const near = to.proxy === null ? to.host : `proxy ${to.proxy}`;
  const unreachable: ErrorCode = to.proxy === null ? 'TRUEUP_TANIUM_UNREACHABLE' : 'TRUEUP_TANIUM_PROXY';

  const proxied = proxyAnswer.exec(text);
  if (proxied?.[1] !== undefined) return proxyFailure(proxied[1], to);
  if (dnsCodes.has(code)) {
    const message = `The name of the ${to.proxy === null ? 'Tanium host' : 'proxy'} ${to.proxy ?? to.host} is not known (DNS: ${code}).`;
    return failure(unreachable, message, { passing: code === 'EAI_AGAIN', harmless: true, origin });
  }
  const refused = refusedCodes.get(code);
  if (refused !== undefined) {
    return failure(unreachable, `${capital(near)} ${refused}.`, { passing: true, harmless: true, origin });
  }
  if (tlsCodes.test(code) || text.includes('before secure TLS connection')) {
    const through = to.proxy === null ? '' : ` through the proxy ${to.proxy}`;
    // A protocol error may also come after the handshake, when the request was on its way.
    const harmless = !/^(?:ERR_SSL_|EPROTO)/.test(code);
    if (code === 'ERR_SSL_WRONG_VERSION_NUMBER') {
      return failure('TRUEUP_TANIUM_TLS', `What answers at ${to.host}${through} does not speak TLS.`, {
        harmless,
        cause: 'The port is not that of https, or a proxy or gateway answers in its place.',
        remedy: 'Check host and port of apiBaseUrl; on Tanium Cloud it is https://NAME-api.cloud.tanium.com.',
        origin,
      });
    }
    const message = `No trusted TLS connection to ${to.host}${through}: ${text} (${code}).`;
    return failure('TRUEUP_TANIUM_TLS', message, { harmless, origin });
  }
  if (timeouts.has(code)) {
    return failure('TRUEUP_TANIUM_UNREACHABLE', `${to.host} did not answer ${request} in time.`, {
      passing: true,
      cause: 'Tanium is overloaded, the answer is very large, or a network in between swallowed it.',
      remedy: 'Run again; if it goes on, look at the status of the Tanium instance and of the network in between.',
      origin,
    });
  }
  if (code.startsWith('HPE_') || code === 'HTTPParserError') {
    return failure('TRUEUP_TANIUM_PROTOCOL', `${to.host} does not answer in HTTP: ${text} (${code}).`, { origin });
  }
  if (code === 'ECONNRESET' || code === 'UND_ERR_SOCKET' || code === 'EPIPE' || code === 'UND_ERR_INFO') {
    return failure('TRUEUP_TANIUM_UNREACHABLE', `${capital(near)} closed the connection during ${request} (${code}).`, {
      passing: true,
      origin,
    });
  }
  return failure('TRUEUP_TANIUM_UNREACHABLE', `${request} on ${to.host} failed: ${text} (${code}).`, { origin });
}

function proxyFailure(answer: string, to: Destination): Failure {
  const proxy = `The proxy ${to.proxy ?? 'in between'}`;
  if (answer === '407') {
    return failure('TRUEUP_TANIUM_PROXY', `${proxy} refuses the credentials (407).`, { harmless: true });
  }
  return failure('TRUEUP_TANIUM_PROXY', `${proxy} does not connect to ${to.host}: it answers ${answer}.`, {
    cause: 'The proxy may not go there, or cannot reach the host.',
    passing: !answer.startsWith('4'),
    harmless: true,
  });
}

/** A status other than 200; `body` is what was read of it, at most some 64 KiB. */
export function statusFailure(
  status: number,
  body: string,
  retryAfter: string | null,
  endpoint: Endpoint,
  to: Destination,
): Failure {
  const said = taniumText(body, to.secrets);
  const message = `${endpoint.method} ${endpoint.path} on ${to.host}: Tanium answers ${status}${said === '' ? '' : `: ${said}`}`;
  if (status === 401 || (status < 500 && /\bInvalid ?Session\b/i.test(said))) {
    return failure('TRUEUP_TANIUM_UNAUTHORIZED', message, { harmless: true });
  }
  if (status === 403)
    return failure('TRUEUP_TANIUM_FORBIDDEN', message, { harmless: true, ...rightIn(said, endpoint) });
  if (status === 404) return failure('TRUEUP_TANIUM_NOT_FOUND', message, { harmless: true });
  if (status === 407) return proxyFailure('407', to);
  if (status === 429) {
    return failure('TRUEUP_TANIUM_BUSY', message, { passing: true, harmless: true, retryAfter });
  }
  if (status >= 500) {
    return failure('TRUEUP_TANIUM_SERVER', message, { passing: true, retryAfter });
  }
  if (status >= 400) return failure('TRUEUP_TANIUM_REFUSED', message, { harmless: true });
  return failure('TRUEUP_TANIUM_PROTOCOL', message, {});
}

/** An answer of status 200 that is not what the API promises. */
export function protocolError(endpoint: Endpoint, to: Destination, what: string): TrueupError {
  return new TrueupError('TRUEUP_TANIUM_PROTOCOL', `${endpoint.method} ${endpoint.path} on ${to.host}: ${what}.`);
}

/**
 * Names the right in the remedy (#30): as the text has it, `403 …: RBACInsufficientPrivilege: needs 'Write Action'`,
 * else the one that the end point needs.
 */
function rightIn(said: string, endpoint: Endpoint): ErrorDetails {
  const named =
    /(?:right|permission|privilege)s?\b[^'"“A-Z]*['"“]?([A-Z]\w*(?: \w+)*(?: - [A-Z]\w+(?: \w+)*)?)/.exec(said)?.[1] ??
    /['"“]([A-Z][\w -]+)['"”] (?:right|permission|privilege)/.exec(said)?.[1];
  const right = named?.trim() ?? endpoint.right;
  return right === null ? {} : { remedy: `Grant the right "${right}" to the persona of the token.` };
}

interface FailureOptions extends ErrorDetails {
  readonly passing?: boolean;
  readonly harmless?: boolean;
  readonly retryAfter?: string | null;
}

function failure(code: ErrorCode, message: string, options: FailureOptions): Failure {
  const { passing = false, harmless = false, retryAfter = null, ...details } = options;
  return { error: new TrueupError(code, message, details), passing, harmless, retryAfter };
}

/**
 * Tanium's own words in an error body: `{"text": …}` of the server, `{"Message": …}` and `{"errors": [{code,
 * description}]}` of the cloud's gateway, several such documents one a line, or the title of an HTML page.
 */
export function taniumText(body: string, secrets: readonly string[]): string {
  const documents = body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('{'));
  const texts = new Set<string>();
  for (const document of [body, ...documents]) {
    const text = textOf(document);
    if (text !== '') texts.add(text);
    if (document === body && text !== '') break;
  }
  const said = texts.size > 0 ? [...texts].join(' / ') : withoutMarkup(body);
  return printable(said, secrets);
}

function textOf(document: string): string {
  let value: unknown;
  try {
    value = JSON.parse(document);
  } catch {
    return ''; // Not a document by itself: the caller looks at the lines, and last at the bare text.
  }
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '';
  const { text, Message, message, errors } = value as Record<string, unknown>;
  for (const said of [text, Message, message]) if (typeof said === 'string') return said;
  if (!Array.isArray(errors)) return '';
  const parts = errors.map((error: unknown) => {
    if (typeof error !== 'object' || error === null) return '';
    const { code, description } = error as Record<string, unknown>;
    return [code, description].filter((part) => typeof part === 'string' || typeof part === 'number').join(': ');
  });
  return parts.filter((part) => part !== '').join(', ');
}

function withoutMarkup(body: string): string {
  if (!isMarkup(body)) return body;
  const title = /<title[^>]*>([^<]*)/i.exec(body)?.[1]?.trim();
  return title ? `an HTML page, "${title}"` : 'an HTML page';
}

export function isMarkup(body: string): boolean {
  return /^[\s\uFEFF]*<(?:!doctype|html|head|body)/i.test(body);
}

const maxSaid = 300;
/** C0 and C1 controls, line and paragraph separators, bidirectional and zero-width characters. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu;

/** Foreign text made fit for one line of a terminal or a log: no control characters, no secret, capped. */
export function printable(text: string, secrets: readonly string[]): string {
  let clean = text.replaceAll(unprintable, ' ').replaceAll(/\s+/g, ' ').trim();
  for (const secret of secrets) clean = clean.replaceAll(secret, '[secret]');
  return clean.length > maxSaid ? `${clean.slice(0, maxSaid).toWellFormed()}…` : clean;
}

function describe(origin: unknown, to: Destination): { readonly code: string; readonly text: string } {
  if (!(origin instanceof Error)) return { code: 'unknown', text: printable(String(origin), to.secrets) };
  const inner = origin instanceof AggregateError ? (origin.errors[0] as unknown) : origin.cause;
  const own = (origin as NodeJS.ErrnoException).code;
  const below = inner instanceof Error ? (inner as NodeJS.ErrnoException).code : undefined;
  const code = typeof own === 'string' && own !== 'UND_ERR' ? own : (below ?? own ?? origin.name);
  const text = origin.message || (inner instanceof Error ? inner.message : '') || code;
  return { code, text: printable(text, to.secrets) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
