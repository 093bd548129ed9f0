import type { Sid } from '../model/sid.ts';

/**
 * Names of the groups that every Windows has, in English whatever the device speaks: a group is declared by its SID,
 * since its own name differs by language (windows-accounts.md C6). Source: Microsoft Learn, "Security identifiers".
 */
const localGroups: ReadonlyMap<Sid, string> = new Map([
  ['S-1-5-32-544', 'Administrators'],
  ['S-1-5-32-545', 'Users'],
  ['S-1-5-32-546', 'Guests'],
  ['S-1-5-32-547', 'Power Users'],
  ['S-1-5-32-550', 'Print Operators'],
  ['S-1-5-32-551', 'Backup Operators'],
  ['S-1-5-32-552', 'Replicator'],
  ['S-1-5-32-555', 'Remote Desktop Users'],
  ['S-1-5-32-556', 'Network Configuration Operators'],
  ['S-1-5-32-558', 'Performance Monitor Users'],
  ['S-1-5-32-559', 'Performance Log Users'],
  ['S-1-5-32-562', 'Distributed COM Users'],
  ['S-1-5-32-568', 'IIS_IUSRS'],
  ['S-1-5-32-569', 'Cryptographic Operators'],
  ['S-1-5-32-573', 'Event Log Readers'],
  ['S-1-5-32-574', 'Certificate Service DCOM Access'],
  ['S-1-5-32-575', 'RDS Remote Access Servers'],
  ['S-1-5-32-576', 'RDS Endpoint Servers'],
  ['S-1-5-32-577', 'RDS Management Servers'],
  ['S-1-5-32-578', 'Hyper-V Administrators'],
  ['S-1-5-32-579', 'Access Control Assistance Operators'],
  ['S-1-5-32-580', 'Remote Management Users'],
  ['S-1-5-32-581', 'System Managed Accounts Group'],
  ['S-1-5-32-582', 'Storage Replica Administrators'],
  ['S-1-5-32-583', 'Device Owners'],
]);

/** Null: not one of them. */
export function localGroupName(sid: Sid): string | null {
  return localGroups.get(sid) ?? null;
}
