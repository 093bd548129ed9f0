/** Sends an answer, or the half of one. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Reply } from './call.ts';

/** As Tanium Cloud sends them with every answer (tanium-api.md 1). */
const usual = {
  'cache-control': 'private,max-age=0,no-cache,no-store,must-revalidate',
  pragma: 'no-cache',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'SAMEORIGIN',
  'referrer-policy': 'strict-origin-when-cross-origin',
} as const;

/** Makes the pieces of a long body only as fast as the client takes them. */
export async function send(response: ServerResponse, reply: Reply): Promise<void> {
  const { body } = reply;
  const headers = { ...usual, 'content-type': reply.contentType, ...reply.headers };
  if (typeof body === 'string' || Buffer.isBuffer(body)) {
    response.writeHead(reply.status, { ...headers, 'content-length': Buffer.byteLength(body) });
    response.end(body);
    return;
  }
  response.writeHead(reply.status, headers);
  for (const piece of body) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Also when the client has gone: nobody takes the rest then. */
async function drained(response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  try {
    await Promise.race([
      once(response, 'drain', { signal: gone.signal }),
      once(response, 'close', { signal: gone.signal }),
    ]);
  } finally {
    gone.abort();
  }
}

/** Announces the whole body, sends its first half, and ends the connection. */
export function sendHalf(response: ServerResponse, reply: Reply): void {
  const { body } = reply;
  const whole = typeof body === 'string' || Buffer.isBuffer(body) ? Buffer.from(body) : Buffer.from([...body].join(''));
  response.writeHead(reply.status, { ...usual, 'content-type': reply.contentType, 'content-length': whole.length });
  response.write(whole.subarray(0, Math.floor(whole.length / 2)), () => response.destroy());
}
