/** What the faults make of a request: another answer than the server's, or none. */
import type { Cloud } from '../cloud.ts';
import type { Reply } from './call.ts';
import { reasonOf } from './failure.ts';

/** `reset`: nothing is done and the connection ends. `lost`: all is done, and then it ends. `cut`: in the answer. */
export type Mishap = { readonly reply: Reply } | { readonly kind: 'reset' | 'lost' | 'cut' };

/** Null: the request is answered as it should be. `value`: of its session header. */
export function mishapFor(cloud: Cloud, method: string, value: string | undefined): Mishap | null {
  const { faults } = cloud;
  const nth = faults.nextRequest();
  if (faults.hits('expiredToken', nth) && value !== undefined) faults.expired.add(value);
  if (faults.hits('reset', nth)) return { kind: 'reset' };
  if (faults.hits('gatewayUnauthorized', nth)) {
    return reply(401, { Message: 'User is not authorized to access this resource with an explicit deny' });
  }
  if (faults.hits('unauthorized', nth)) return tanium(401, 'Unauthorized: The session or token is not valid');
  if (faults.hits('forbidden', nth)) {
    return tanium(403, 'RBACInsufficientPrivilege: The persona lacks the privilege "Question - Ask"');
  }
  if (faults.hits('tooManyRequests', nth)) {
    return tanium(429, 'TooManyRequests: Come again later', { 'retry-after': '1' });
  }
  if (faults.hits('html', nth)) return { reply: page(faults.draw('html page')(nth) < 0.5 ? 200 : 502) };
  if (faults.hits('multipleDocuments', nth)) return { reply: documents() };
  if (faults.hits('serverError', nth)) return serverError(Math.floor(faults.draw('status')(nth) * 4));
  if (method === 'POST' && faults.hits('doubtful', nth)) return { kind: 'lost' };
  return faults.hits('cut', nth) ? { kind: 'cut' } : null;
}

function tanium(status: number, what: string, headers: Readonly<Record<string, string>> = {}): Mishap {
  return reply(status, { text: `${status} ${reasonOf(status)}\n\nREST Processing Exception: ${what}` }, headers);
}

function reply(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Mishap {
  return { reply: { status, contentType: 'application/json', body: JSON.stringify(body), headers } };
}

/** 500 is the server's own; the others come from the gateway before it. */
function serverError(which: number): Mishap {
  const status = [500, 502, 503, 504][which] ?? 500;
  if (status === 500) return tanium(500, 'InternalError: Something went wrong');
  return reply(status, { errors: [{ code: status, description: reasonOf(status) }] });
}

/** Several JSON documents, one a line (tanium-api.md 2). */
function documents(): Reply {
  const lines = ['500 Internal Server Error', 'REST Processing Exception: InternalError: Something went wrong'];
  const body = lines.map((text) => JSON.stringify({ text })).join('\n');
  return { status: 500, contentType: 'application/json', body };
}

/** The login page of a proxy under 200, or the error page of a gateway. */
function page(status: number): Reply {
  const title = status === 200 ? 'Sign in' : `${status} ${reasonOf(status)}`;
  const body = `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, contentType: 'text/html', body };
}
