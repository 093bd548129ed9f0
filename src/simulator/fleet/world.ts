/** The company that the simulated fleet belongs to: what `examples/minimal` and the fleet agree on. */
import type { Sid } from '../../model/sid.ts';
import type { Directory } from '../windows/action.ts';

export const corp = {
  netbios: 'CORP',
  fqdn: 'corp.example',
  sid: 'S-1-5-21-1004336348-1177238915-682003330',
} as const;

export const domainAdmins: Sid = `${corp.sid}-512`;
export const serverOperators: Sid = `${corp.sid}-1121`;

/** Its last domain controller is gone: nobody can say who its SIDs were. */
export const retiredDomainSid = 'S-1-5-21-3623811015-3361044348-30300820';

/** What Entra ID puts into Administrators of a device that joins it: two roles, known by SID alone. */
export const entraRoles: readonly Sid[] = [
  'S-1-12-1-2893422147-1237094382-2381747873-2166241193',
  'S-1-12-1-417320845-1194216283-3289143189-740528562',
];

/** The account that every device is to have. */
export const breakglass = {
  name: 'corp_breakglass',
  fullName: 'Break-glass administrator',
  description: 'Managed by Trueup',
} as const;

/** The account that Windows LAPS manages where it does not manage RID 500. */
export const lapsAccountName = 'lapsadmin';

/** Those of the domain who are nobody's administrators by right; they turn up all the same. */
export const strangers: readonly Sid[] = [1105, 1106, 1107, 1120].map((rid) => `${corp.sid}-${rid}`);

export const corpDirectory: Directory = new Map([
  [domainAdmins, { name: 'CORP\\Domain Admins', kind: 'g' }],
  [`${corp.sid}-513`, { name: 'CORP\\Domain Users', kind: 'g' }],
  [`${corp.sid}-519`, { name: 'CORP\\Enterprise Admins', kind: 'g' }],
  [`${corp.sid}-1105`, { name: 'CORP\\helpdesk-7', kind: 'u' }],
  [`${corp.sid}-1106`, { name: 'CORP\\contractor-x', kind: 'u' }],
  [`${corp.sid}-1107`, { name: 'CORP\\svc-backup', kind: 'u' }],
  [`${corp.sid}-1120`, { name: 'CORP\\WS-Admins', kind: 'g' }],
  [serverOperators, { name: 'CORP\\Server-Operators', kind: 'g' }],
]);

/** A machine outside the domain asks nobody about the domain's SIDs. */
export const noDirectory: Directory = new Map();
