/** Posture of accounts: their state, their passwords, how they log on and what an administrator may. */
import { at, cis, microsoft, ofDevice, ofPolicy, type PostureItem, system } from './item.ts';

const lsa = `${system}Control\\Lsa`;
const systemPolicy = `${microsoft}Windows\\CurrentVersion\\Policies\\System`;

export const accountItems: readonly PostureItem[] = [
  {
    path: 'accounts.administratorEnabled',
    readings: [ofDevice('on500', 'flag')],
    meaning: 'the built-in Administrator (RID 500) can log on',
    source: cis('Accounts: Administrator account status'),
  },
  {
    path: 'accounts.guestEnabled',
    readings: [ofDevice('on501', 'flag')],
    meaning: 'the built-in Guest (RID 501) can log on',
    source: cis('Accounts: Guest account status'),
  },
  {
    path: 'anonymous.restrictSam',
    readings: [at(lsa, 'RestrictAnonymousSAM', 'flag')],
    meaning: 'accounts are not listed for anonymous callers',
    source: cis('Network access: Do not allow anonymous enumeration of SAM accounts'),
  },
  {
    path: 'laps.mode',
    readings: [ofDevice('laps', 'text')],
    meaning: 'where LAPS keeps the password of its account: none, ad, entra, or legacy LAPS',
    source: cis('Configure password backup directory'),
  },
  {
    path: 'lockout.minutes',
    readings: [ofPolicy('LockoutMinutes')],
    meaning: 'how long an account stays locked; 0: until somebody unlocks it',
    source: cis('Account lockout duration'),
  },
  {
    path: 'lockout.threshold',
    readings: [ofPolicy('LockoutThreshold')],
    meaning: 'wrong passwords that lock an account; 0: never',
    source: cis('Account lockout threshold'),
  },
  {
    path: 'lsa.noLmHash',
    readings: [at(lsa, 'NoLMHash', 'flag')],
    meaning: 'no LAN Manager hash of a password is kept',
    source: cis('Network security: Do not store LAN Manager hash value on next password change'),
  },
  {
    path: 'lsa.protection',
    readings: [at(lsa, 'RunAsPPL', 'flag')],
    meaning: 'LSASS is set to run as a protected process',
    source: cis('Configures LSASS to run as a protected process'),
  },
  {
    path: 'lsa.wdigest',
    readings: [at(`${system}Control\\SecurityProviders\\WDigest`, 'UseLogonCredential', 'flag')],
    absent: 0,
    meaning: 'passwords are kept in memory as plain text',
    source: cis('WDigest Authentication'),
  },
  {
    path: 'ntlm.level',
    readings: [at(lsa, 'LmCompatibilityLevel', 'integer')],
    absent: 3,
    meaning: 'LAN Manager authentication level: 5 is NTLMv2 only, LM and NTLM refused',
    source: cis('Network security: LAN Manager authentication level'),
  },
  {
    path: 'password.history',
    readings: [ofPolicy('History')],
    meaning: 'earlier passwords that may not come again',
    source: cis('Enforce password history'),
  },
  {
    path: 'password.minLength',
    readings: [ofPolicy('MinLength')],
    meaning: 'least number of characters of a password',
    source: cis('Minimum password length'),
  },
  {
    path: 'uac.adminPrompt',
    readings: [at(systemPolicy, 'ConsentPromptBehaviorAdmin', 'integer')],
    meaning: 'prompt for administrators: 0 none, 2 consent on the secure desktop, 5 consent for other programs',
    source: cis('User Account Control: Behavior of the elevation prompt for administrators in Admin Approval Mode'),
  },
  {
    path: 'uac.enabled',
    readings: [at(systemPolicy, 'EnableLUA', 'flag')],
    meaning: 'administrators work with a filtered token',
    source: cis('User Account Control: Run all administrators in Admin Approval Mode'),
  },
  {
    path: 'uac.filterNetworkLogons',
    readings: [at(systemPolicy, 'LocalAccountTokenFilterPolicy', 'inverted')],
    absent: 0,
    meaning: 'local administrators have no elevated token over the network',
    source: cis('Apply UAC restrictions to local accounts on network logons'),
  },
];
