/** What the operator gave for URL and token, made into what goes on the wire. */
import { TrueupError } from '../errors.ts';
import { isLoopback } from '../model/loopback.ts';

/** The origin of the API: https, or http to this machine; no path, no credentials (#83). */
export function apiOrigin(baseUrl: string): string {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  const problem = url === null ? 'is not a URL' : problemOf(url);
  if (url === null || problem !== null) {
    throw new TrueupError('TRUEUP_CONFIG_INVALID', `apiBaseUrl ${problem}.`, {
      cause: 'The URL comes from EdrProvider.spec.apiBaseUrl, or from the variable that it names.',
      remedy: 'Give the API host alone: https://NAME-api.cloud.tanium.com.',
    });
  }
  return url.origin;
}

function problemOf(url: URL): string | null {
  if (url.username !== '' || url.password !== '') return 'holds credentials';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return `begins with ${url.protocol}, not https:`;
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return `would send the token to ${url.hostname} over plain http`;
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '') return 'has a path, a query or a fragment';
  return null;
}

/**
 * The value of the `session` header: the token with its `token-` prefix, once, whether or not the secret has it (#85).
 * A session string of `/session/login` (`1-224-…`) stays as it is.
 */
export function sessionHeader(secret: string): string {
  const bare = secret.trim().replace(/^(?:token-)+/, '');
  if (!/^[\x21-\x7e]+$/.test(bare)) {
    throw new TrueupError('TRUEUP_TANIUM_UNAUTHORIZED', 'The API token is empty or has characters that no token has.');
  }
  return /^\d+-\d+-\w+$/.test(bare) ? bare : `token-${bare}`;
}
