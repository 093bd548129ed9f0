/** From a request to what is answered: counts it, lets the faults have it, checks the session, calls the handler. */
import type { IncomingMessage } from 'node:http';
import { messageOf } from '../../errors.ts';
import type { Session } from '../access.ts';
import { rightFor } from '../api/rights.ts';
import type { Cloud } from '../cloud.ts';
import { mayPersona } from '../settings.ts';
import { type Call, json, type Reply, type Route, refused } from './call.ts';
import { Refusal } from './failure.ts';
import { isRecord, type Wire } from './fields.ts';
import { mishapFor } from './mishap.ts';
import type { Router } from './router.ts';

/** `POST /api/v2/actions` → how often. */
export type RequestCounts = Map<string, number>;

/** `cut`: only half of the reply is sent. `lost`: none of it, though all was done; `reset`: nothing was even done. */
export type Answer = { readonly kind: 'whole' | 'cut' | 'lost'; readonly reply: Reply } | { readonly kind: 'reset' };

/** Paths outside the surface are kept apart up to so many; a scanner asks for thousands. */
const maxStrangers = 1_000;
const elsewhere = '(other paths)';

export function answer(
  cloud: Cloud,
  router: Router,
  counts: RequestCounts,
  request: IncomingMessage,
  url: URL,
  body: Buffer,
): Answer {
  const method = request.method ?? '';
  const match = router(method, url.pathname);
  count(counts, match === null ? `${method} ${url.pathname}` : `${method} ${match.route.path}`, match !== null);
  cloud.timeline.catchUp();
  const header = request.headers['session'];
  const value = typeof header === 'string' ? header : undefined;
  expireToken(cloud, value);
  const mishap = mishapFor(cloud, method, value);
  if (mishap !== null && 'reply' in mishap) return { kind: 'whole', reply: mishap.reply };
  if (mishap?.kind === 'reset') return { kind: 'reset' };
  const remoteAddress = request.socket.remoteAddress ?? '';
  const reply = guarded(() => {
    if (match === null) throw new Refusal('EndpointNotFound', `The requested URL ${url.pathname} was not found`);
    const { route, parameters } = match;
    const options = optionsOf(request.headers['tanium-options'], url.searchParams);
    const session = sessionOf(cloud, route, value, remoteAddress);
    const call: Call = {
      method,
      parameters,
      headers: request.headers,
      query: url.searchParams,
      options,
      body,
      remoteAddress,
      session,
    };
    return route.handle(call);
  });
  return { kind: mishap?.kind ?? 'whole', reply };
}

function count(counts: RequestCounts, key: string, known: boolean): void {
  const counted = known || counts.has(key) || counts.size < maxStrangers ? key : elsewhere;
  counts.set(counted, (counts.get(counted) ?? 0) + 1);
}

function guarded(handle: () => Reply): Reply {
  try {
    return handle();
  } catch (error) {
    if (error instanceof Refusal) return refused(error);
    const what = messageOf(error);
    return json(500, { text: `500 Internal Server Error\n\nREST Processing Exception: SimulatorFault: ${what}` });
  }
}

const nobody: Session = { user: { id: 0, name: '' }, value: '', isToken: false, persona: 0 };

function sessionOf(cloud: Cloud, route: Route, value: string | undefined, address: string): Session {
  if (route.open === true) return nobody;
  const session = cloud.access.check(value, address, cloud.timeline.now());
  const needed = [session.isToken ? ('Token - Use' as const) : null, rightFor(route.method, route.path)];
  const missing = needed.find((right) => right !== null && !mayPersona(cloud.settings, session.persona, right));
  if (missing) throw new Refusal('RBACInsufficientPrivilege', `The persona lacks the privilege "${missing}"`);
  return session;
}

/** Whoever's turn it is when the count has come to its end: a token that ends in the middle of a run. */
function expireToken({ settings, faults }: Cloud, value: string | undefined): void {
  if (settings.expireTokenAfter === null || value === undefined) return;
  if (settings.expireTokenAfter === 0) faults.expired.add(value);
  settings.expireTokenAfter = settings.expireTokenAfter === 0 ? null : settings.expireTokenAfter - 1;
}

/** The header, or the query: where both are sent, the query may be ignored, and is. */
function optionsOf(header: string | readonly string[] | undefined, query: URLSearchParams): Wire {
  if (typeof header === 'string') {
    try {
      const value: unknown = JSON.parse(header);
      if (isRecord(value)) return value;
    } catch {
      return {}; // Options that cannot be read are none to the server.
    }
  }
  return Object.fromEntries(query);
}
