/** The one way in: opens a connection to Tanium and gives the ports that work over it. */
import type { FleetActions, FleetContent, FleetScanner, FleetTokens, Probe } from '../fleet-ports.ts';
import type { Clock } from '../ports.ts';
import { taniumActions } from './actions.ts';
import { apiOrigin, sessionHeader } from './address.ts';
import { type RequestCounts, type RequestRecord, TaniumClient } from './client.ts';
import { taniumContent, taniumTokens } from './content-port.ts';
import { defaultTimeouts, hostOf, openDispatchers, type ProxySettings, type Timeouts } from './dispatcher.ts';
import { probeApi } from './probe.ts';
import { readList } from './read.ts';
import { taniumScanner } from './scanner.ts';

export interface TaniumOptions {
  /** `https://NAME-api.cloud.tanium.com`; http only to this machine. */
  readonly baseUrl: string;
  /** API token, with or without `token-`, or a session string. */
  readonly token: string;
  readonly proxy: ProxySettings | null;
  /** PEM file of an authority to trust besides the known ones. */
  readonly caFile: string | null;
  readonly timeouts?: Partial<Timeouts>;
  /** Told of every request after it ended; never shown a header, a body or a token. */
  readonly log?: (record: RequestRecord) => void;
  readonly clock: Clock;
}

export interface TaniumConnection {
  readonly scanner: FleetScanner;
  readonly actions: FleetActions;
  readonly content: FleetContent;
  readonly tokens: FleetTokens;
  /** One cheap read, the API token test of the seed (#158): throws what is wrong with address, network or token. */
  readonly check: (signal?: AbortSignal) => Promise<void>;
  /** The same request, raw. */
  readonly probe: (signal?: AbortSignal) => Promise<Probe>;
  /** Counts so far. */
  readonly requests: () => RequestCounts;
  /** Ends every connection; what is under way fails. */
  readonly close: () => Promise<void>;
}

/** Opens nothing yet. @throws TRUEUP_CONFIG_INVALID, TRUEUP_TANIUM_TLS, TRUEUP_TANIUM_PROXY, TRUEUP_TANIUM_UNAUTHORIZED */
export function connectTanium(options: TaniumOptions): TaniumConnection {
  const { proxy, caFile, clock } = options;
  const origin = apiOrigin(options.baseUrl);
  const session = sessionHeader(options.token);
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const dispatchers = openDispatchers(proxy, caFile, timeouts);
  const destination = {
    host: hostOf(origin),
    proxy: proxy === null ? null : hostOf(proxy.url),
    secrets: secretsOf(session, proxy),
  };
  const client = new TaniumClient({
    origin,
    session,
    dispatchers,
    timeouts,
    destination,
    clock,
    log: options.log ?? (() => {}),
  });
  return {
    scanner: taniumScanner(client),
    actions: taniumActions(client),
    content: taniumContent(client),
    tokens: taniumTokens(client),
    check: (signal) =>
      client.send('sensors', { query: { row_start: 0, row_count: 1 }, signal }, (response) =>
        readList(response, () => {}),
      ),
    probe: (signal) => probeApi({ origin, session, dispatchers, destination }, signal),
    requests: () => client.counts,
    close: async () => {
      await Promise.all([dispatchers.pooled.destroy(), dispatchers.fresh.destroy()]);
    },
  };
}

/** Shorter ones would black out ordinary words. */
const shortestSecret = 4;

/** Every spelling in which a secret could come back in an answer, the longest first. */
function secretsOf(session: string, proxy: ProxySettings | null): readonly string[] {
  const password = proxy?.password ?? '';
  const pair = password === '' ? '' : Buffer.from(`${proxy?.username ?? ''}:${password}`, 'utf8').toString('base64');
  const secrets = [session, session.replace(/^token-/, ''), pair, password];
  return secrets.filter((secret) => secret.length >= shortestSecret).toSorted((a, b) => b.length - a.length);
}
