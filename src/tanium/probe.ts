/** One raw request, as the seed's debug command makes it: the status and how the answer begins (#171). */
import { asTrueupError } from '../errors.ts';
import type { Probe } from '../fleet-ports.ts';
import type { Dispatchers } from './dispatcher.ts';
import { type Destination, printable, transportFailure } from './failure.ts';
import { pathOf, surface } from './surface.ts';

export interface ProbeOptions {
  readonly origin: string;
  readonly session: string;
  readonly dispatchers: Dispatchers;
  readonly destination: Destination;
}

const shownCharacters = 200;
/** Of the answer that is read: more than is shown, so that a secret at the cut is known whole. */
const readBytes = 16 * 1024;

/** Throws what the way there throws; a status that is no success is an answer like any other. */
export async function probeApi(options: ProbeOptions, signal?: AbortSignal): Promise<Probe> {
  const { origin, session, dispatchers, destination } = options;
  const endpoint = surface.sensors;
  const path = pathOf(endpoint, {}, {});
  const began = performance.now();
  try {
    const response = await dispatchers.fresh.request({
      origin,
      path,
      method: endpoint.method,
      headers: { session, accept: 'application/json' },
      ...(signal ? { signal } : {}),
    });
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      parts.push(part);
      length += part.byteLength;
      if (length >= readBytes) break;
    }
    const text = Buffer.concat(parts).subarray(0, readBytes).toString('utf8');
    return {
      request: `${endpoint.method} ${origin}${path}`,
      status: response.statusCode,
      ms: Math.round(performance.now() - began),
      contentType: String(response.headers['content-type'] ?? ''),
      beginning: beginningOf(text, destination.secrets),
    };
  } catch (error) {
    if (signal?.aborted) throw asTrueupError(signal.reason);
    throw transportFailure(error, endpoint, destination).error;
  }
}

function beginningOf(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, '[secret]');
  return printable(clean.slice(0, shownCharacters).toWellFormed(), []);
}
