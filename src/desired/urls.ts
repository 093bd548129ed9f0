/** Addresses of Tanium and of a proxy: scheme, host and port, and nothing else (#82, #83). */

import { isLoopback } from '../model/loopback.ts';
import type { Complaint } from './formats.ts';

const placeholder = 'your-instance';

export function apiBaseUrlComplaint(text: string): Complaint | null {
  const url = parsed(text);
  if (url === null) return wrong('is no URL; it is https:// and the host of the Tanium API');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return wrong(`begins with ${url.protocol}//, not https://`);
  if (url.hostname.includes(placeholder)) {
    return {
      code: 'TRUEUP_URL_PLACEHOLDER',
      text: `is the placeholder of the documentation; put the name of the instance in place of ${placeholder}`,
    };
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    return { code: 'TRUEUP_URL_INSECURE', text: `would send the token to ${url.hostname} over plain http; use https` };
  }
  return beyondOrigin(text, url);
}

export function proxyUrlComplaint(text: string): Complaint | null {
  const url = parsed(text);
  if (url === null) return wrong('is no URL; it is http:// and host and port of the proxy');
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return wrong(`begins with ${url.protocol}//, not http:// or https://`);
  return beyondOrigin(text, url);
}

/** `acme.cloud.tanium.com` is the console; the API answers at `acme-api.cloud.tanium.com` (npsd-domain.md 1.6). */
export function isConsoleHost(text: string): boolean {
  const host = parsed(text)?.hostname ?? '';
  return host.endsWith('.cloud.tanium.com') && !host.endsWith('-api.cloud.tanium.com');
}

function parsed(text: string): URL | null {
  // The parser also takes blanks, backslashes and a missing //, which nobody has meant.
  return /^[a-z][a-z0-9+.-]*:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text) ? new URL(text) : null;
}

function beyondOrigin(text: string, url: URL): Complaint | null {
  if (url.username !== '' || url.password !== '')
    return { ...wrong('holds a user name; that has a field of its own'), hidden: true };
  if (url.hostname === '') return wrong('has no host');
  if (url.search !== '' || text.includes('?')) return wrong(`has a query; write ${url.origin}`);
  if (url.hash !== '' || text.includes('#')) return wrong(`has a fragment; write ${url.origin}`);
  if (url.pathname !== '/') return wrong(`has a path; write ${url.origin}`);
  return text.endsWith('/') ? wrong(`ends with a slash; write ${url.origin}`) : null;
}

function wrong(text: string): Complaint {
  return { code: 'TRUEUP_URL', text };
}
