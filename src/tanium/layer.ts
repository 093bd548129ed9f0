/** How far a request came: what an operator has to look at is another thing at each layer (#28, #29). */
import type { TrueupError } from '../errors.ts';
import type { ReachLayer } from '../fleet-ports.ts';
import { dnsCodes, refusedCodes } from './failure.ts';

/** The layer at which a request ended with this error. */
export function layerOf(error: TrueupError): ReachLayer {
  switch (error.code) {
    case 'TRUEUP_CONFIG_INVALID':
    case 'TRUEUP_SECRET_UNREADABLE':
      return 'access';
    case 'TRUEUP_TANIUM_PROXY':
      return 'proxy';
    case 'TRUEUP_TANIUM_TLS':
      return 'tls';
    case 'TRUEUP_TANIUM_UNREACHABLE':
      return unreachable(codeOf(error.origin));
    case 'TRUEUP_TANIUM_SERVER':
    case 'TRUEUP_TANIUM_BUSY':
      return 'http';
    case 'TRUEUP_TANIUM_UNAUTHORIZED':
      return 'token';
    case 'TRUEUP_TANIUM_FORBIDDEN':
      return 'rights';
    default:
      // What does not even speak HTTP has an origin; a page of somebody else's has none.
      return error.origin === undefined ? 'api' : 'http';
  }
}

function unreachable(code: string): ReachLayer {
  if (dnsCodes.has(code)) return 'dns';
  return refusedCodes.has(code) ? 'tcp' : 'http';
}

function codeOf(origin: unknown): string {
  if (!(origin instanceof Error)) return '';
  const own = (origin as NodeJS.ErrnoException).code;
  if (typeof own === 'string') return own;
  const inner = origin instanceof AggregateError ? (origin.errors[0] as unknown) : origin.cause;
  return codeOf(inner);
}
