/** One connection to the REST API: sends a request of the surface, tries again where that is safe, counts and logs. */
import type { Dispatcher } from 'undici';
import { TrueupError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Dispatchers, Timeouts } from './dispatcher.ts';
import {
  type Destination,
  type Failure,
  printable,
  protocolError,
  statusFailure,
  TruncatedBody,
  transportFailure,
} from './failure.ts';
import { type KnownCells, knownCells } from './known-cells.ts';
import { steadyTime } from './patience.ts';
import { maxAttempts, pauseAfter } from './retry.ts';
import { type Endpoint, type EndpointName, type PathParameters, pathOf, type Query, surface } from './surface.ts';

export interface TaniumRequest {
  readonly path?: PathParameters;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** An answer of status 200, its body not yet read. */
export interface TaniumResponse {
  readonly contentType: string;
  readonly chunks: AsyncIterable<Uint8Array>;
  /** A TRUEUP_TANIUM_PROTOCOL error about this answer. */
  readonly malformed: (what: string) => TrueupError;
  /** Tanium's own error text under status 200; its leading number says what it is. */
  readonly refused: (text: string) => TrueupError;
}

/** What the request log keeps: no header, no body, no token (#143). */
export interface RequestRecord {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Null: no answer came. */
  readonly status: number | null;
  readonly ms: number;
  /** Of the answer's body. */
  readonly bytes: number;
  /** The error's code; null: it went well. */
  readonly error: string | null;
}

export interface RequestCounts {
  /** Requests sent, each repetition counted. */
  readonly calls: number;
  /** Those of them that failed. */
  readonly errors: number;
  /** Rows of results that were of another shape and were left out. */
  readonly skippedRows: number;
}

export interface ClientOptions {
  readonly origin: string;
  readonly session: string;
  readonly dispatchers: Dispatchers;
  readonly timeouts: Timeouts;
  readonly destination: Destination;
  readonly clock: Clock;
  readonly log: (record: RequestRecord) => void;
}

/** Of an answer before its reader comes to it: with less, the socket is stopped and started for each piece that it gives. */
const bufferedBytes = 1024 * 1024;

const maxErrorBytes = 64 * 1024;

export class TaniumClient {
  readonly #options: ClientOptions;
  #calls = 0;
  #errors = 0;
  #skippedRows = 0;
  /** Of all results that came: a fleet says the same at the next look. */
  readonly cells: KnownCells = knownCells();
  /** Milliseconds, for what is waited for. */
  readonly time: () => number;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.time = steadyTime(options.clock);
  }

  get counts(): RequestCounts {
    return { calls: this.#calls, errors: this.#errors, skippedRows: this.#skippedRows };
  }

  /** Counts rows that a reader left out. */
  skipped(rows: number): void {
    this.#skippedRows += rows;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /**
   * Sends one request and gives its answer to `read`, which may be called again from the start: a body that is cut off
   * is asked for anew as a whole. Throws one TrueupError, `doubtful` where a request that must not be repeated may
   * have taken effect all the same.
   */
  async send<T>(
    name: EndpointName,
    request: TaniumRequest,
    read: (response: TaniumResponse) => Promise<T>,
  ): Promise<T> {
    const endpoint: Endpoint = surface[name];
    for (let attempt = 1; ; attempt += 1) {
      if (request.signal?.aborted) throw interrupted(request.signal).error;
      const outcome = await this.#attempt(endpoint, request, read);
      if ('value' in outcome) return outcome.value;
      const { failure } = outcome;
      if (!mayRepeat(endpoint, failure, attempt)) throw verdict(endpoint, failure);
      const now = Date.parse(this.clock.now());
      await this.clock.sleep(pauseAfter(attempt, failure.retryAfter, now), request.signal);
    }
  }

  async #attempt<T>(
    endpoint: Endpoint,
    request: TaniumRequest,
    read: (response: TaniumResponse) => Promise<T>,
  ): Promise<{ readonly value: T } | { readonly failure: Failure }> {
    const { destination, log, timeouts } = this.#options;
    const path = pathOf(endpoint, request.path, request.query);
    const started = performance.now();
    const seen = { status: null as number | null, bytes: 0 };
    const abort = new AbortController();
    const forward = (): void => abort.abort();
    request.signal?.addEventListener('abort', forward, { once: true });
    // undici's own limits begin once it has a connection: a proxy that never answers CONNECT would be waited for.
    const limit = setTimeout(() => abort.abort(new NoAnswer()), timeouts.connect + timeouts.headers);
    let body: Dispatcher.ResponseData['body'] | null = null;
    let failure: Failure | null = null;
    this.#calls += 1;
    try {
      const response = await orAborted(this.#dispatch(endpoint, path, request, abort.signal), abort.signal);
      clearTimeout(limit);
      body = response.body;
      seen.status = response.statusCode;
      const chunks = counted(body, (bytes) => {
        seen.bytes += bytes;
      });
      if (response.statusCode === 200) {
        return { value: await read(this.#response(endpoint, response, chunks)) };
      }
      const text = await beginning(chunks, maxErrorBytes);
      failure = statusFailure(response.statusCode, text, header(response, 'retry-after'), endpoint, destination);
    } catch (origin) {
      failure = request.signal?.aborted ? interrupted(request.signal) : transportFailure(origin, endpoint, destination);
    } finally {
      clearTimeout(limit);
      request.signal?.removeEventListener('abort', forward);
      body?.on('error', ignore).destroy();
      // That the operator stops is no error of Tanium's.
      if (failure !== null && request.signal?.aborted !== true) this.#errors += 1;
      const ms = Math.round(performance.now() - started);
      log({ method: endpoint.method, path, ...seen, ms, error: failure?.error.code ?? null });
    }
    return { failure };
  }

  #dispatch(
    endpoint: Endpoint,
    path: string,
    request: TaniumRequest,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    const { dispatchers, origin, session } = this.#options;
    const dispatcher = endpoint.repeat === 'always' ? dispatchers.pooled : dispatchers.fresh;
    const json = request.body === undefined ? null : JSON.stringify(request.body);
    return dispatcher.request({
      origin,
      path,
      method: endpoint.method,
      headers: {
        session,
        accept: 'application/json',
        'x-tanium-integration': 'trueup',
        ...(json === null ? {} : { 'content-type': 'application/json' }),
      },
      body: json,
      signal,
      highWaterMark: bufferedBytes,
    });
  }

  #response(endpoint: Endpoint, response: Dispatcher.ResponseData, chunks: AsyncIterable<Uint8Array>): TaniumResponse {
    const { destination } = this.#options;
    return {
      contentType: header(response, 'content-type') ?? '',
      chunks,
      malformed: (what) => protocolError(endpoint, destination, printable(what.slice(0, 1000), destination.secrets)),
      refused: (text) => {
        const status = Number(/^\s*([45]\d\d)\b/.exec(text)?.[1] ?? 400);
        return statusFailure(status, text, null, endpoint, destination).error;
      },
    };
  }
}

class NoAnswer extends Error {
  readonly code = 'UND_ERR_HEADERS_TIMEOUT';
}

function mayRepeat(endpoint: Endpoint, failure: Failure, attempt: number): boolean {
  return failure.passing && endpoint.repeat === 'always' && attempt < maxAttempts;
}

function verdict(endpoint: Endpoint, { error, harmless }: Failure): unknown {
  if (endpoint.repeat !== 'never' || harmless || error.doubtful) return error;
  return new TrueupError(error.code, error.message, {
    cause: error.likelyCause,
    remedy: error.remedy,
    doubtful: true,
    origin: error,
  });
}

/** Nothing was wrong: the operator wants to stop. Whether a request took effect is not known. */
function interrupted(signal: AbortSignal): Failure {
  const reason: unknown = signal.reason;
  const error =
    reason instanceof TrueupError
      ? reason
      : new TrueupError('TRUEUP_INTERRUPTED', 'The run was interrupted during a request to Tanium.', {
          origin: reason,
        });
  return { error, passing: false, harmless: false, retryAfter: null };
}

/** undici heeds a signal only once it has a connection; an operator who wants to stop does not wait for that. */
async function orAborted(
  response: Promise<Dispatcher.ResponseData>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([response, aborted.promise]);
  } catch (error) {
    response.then(({ body }) => body.on('error', ignore).destroy(), ignore);
    throw error;
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** A connection that ends within a body is a cut body, whichever of its many names the error has. */
async function* counted(body: AsyncIterable<Uint8Array>, count: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array, undefined>;
  try {
    for (;;) {
      const { done, value } = await iterator.next().catch((origin: unknown) => {
        throw (origin as NodeJS.ErrnoException).code === 'UND_ERR_BODY_TIMEOUT'
          ? origin
          : new TruncatedBody('cut off', { cause: origin });
      });
      if (done) return;
      count(value.byteLength);
      yield value;
    }
  } finally {
    await iterator.return?.();
  }
}

/** What is to be had of an error's body: its beginning, or less where it is cut off. */
async function beginning(chunks: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of chunks) {
      parts.push(chunk);
      length += chunk.byteLength;
      if (length >= limit) break;
    }
  } catch {
    // The status alone already says what is wrong.
  }
  return Buffer.concat(parts).subarray(0, limit).toString('utf8');
}

function header(response: Dispatcher.ResponseData, name: string): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function ignore(): void {
  // An answer that nobody reads to its end closes with an error of its own.
}
