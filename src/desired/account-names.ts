/** Names of accounts and groups: what Windows takes, and whose they are (windows-accounts.md C13, C29, C30). */
import type { Complaint } from './formats.ts';

/** Also forbidden in the names of groups. */
const forbidden = /["/\\[\]:;|=,+*?<>@]/;

/** Of a local account: at most 20 characters, which the schema says. */
export function accountNameComplaint(name: string): Complaint | null {
  const found = faultIn(name);
  return found === null ? null : { code: 'TRUEUP_NAME', text: `is no name of a local account: ${found}` };
}

function faultIn(name: string): string | null {
  if (name.includes('\\')) return 'it is local to each device, so that it has no domain before it';
  if (name !== name.trim()) return 'it begins or ends with a blank';
  if (/^[.\s]*$/.test(name)) return 'it needs more than blanks and dots';
  if (name.endsWith('.')) return 'it ends with a dot';
  const character = forbidden.exec(name)?.[0];
  return character === undefined ? null : `Windows takes no ${character} in it`;
}

const longestLocal = 20;
/** sAMAccountName of a group; Windows keeps to 20 for users alone. */
const longestOfDomain = 256;
const longestDomain = 15;

/** `DOMAIN\name`, `.\name` or a plain name; the last two are accounts of the device itself. */
export function principalNameComplaint(name: string): Complaint | null {
  const found = principalFaultIn(name);
  if (found === null) return null;
  const [text, hint] = found;
  return { code: 'TRUEUP_NAME', text, ...(hint === undefined ? {} : { hint }) };
}

function principalFaultIn(name: string): readonly [text: string, hint?: string] | null {
  if (name.includes('@')) {
    const short = /^[^@\\]{1,256}(?=@)/.exec(name)?.[0] ?? 'name';
    return ['is a user principal name', ` Write DOMAIN\\${short}, or give the account by sid.`];
  }
  const at = name.indexOf('\\');
  const domain = at === -1 ? null : name.slice(0, at);
  const own = name.slice(at + 1);
  const fault = faultIn(own);
  if (fault !== null) return [`is no name of an account or group: ${fault}`];
  if (domain === null || domain === '.') {
    return own.length > longestLocal ? [`is longer than the ${longestLocal} characters of a local account`] : null;
  }
  if (own.length > longestOfDomain) return [`is longer than ${longestOfDomain} characters`];
  switch (domain.toUpperCase()) {
    case '':
      return ['has no domain before its backslash', ` Write DOMAIN\\${own}, or ${own} for an account of the device.`];
    case 'BUILTIN':
      return ['is a local group, and a local group cannot be a member of another'];
    case 'AZUREAD':
      return ['is a name of Entra ID, which devices do not resolve', ' Give it by sid, S-1-12-1-….'];
  }
  if (domain.includes('.')) {
    const netbios = domain.slice(0, domain.indexOf('.')).toUpperCase();
    return ['has the DNS name of its domain', ` Devices show the short one, such as ${netbios}\\${own}.`];
  }
  if (domain.length > longestDomain || forbidden.test(domain) || domain !== domain.trim()) {
    return ['has no NetBIOS name of a domain before its backslash'];
  }
  return null;
}
