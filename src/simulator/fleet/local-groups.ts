/**
 * The local groups that Windows makes by itself, empty or nearly so, besides those that `image.ts` fills; the endpoint
 * script reports them all. Sources: Microsoft Learn, "Security identifiers", and what `net localgroup` and
 * `Get-LocalGroup` print on Windows of these languages.
 */
import { localSid, type Sid } from '../../model/sid.ts';
import type { Language, Release } from './image.ts';

interface GroupOfWindows {
  readonly sid: Sid;
  /** As Windows of that language calls it; some it does not translate. */
  readonly names: Readonly<Record<Language, string>>;
  /** Windows on clients does not have it. */
  readonly onServers?: true;
  /** The first build that has it; left out: all that there are here. */
  readonly since?: number;
  readonly member?: Sid;
}

const groups: readonly GroupOfWindows[] = [
  group(547, 'Power Users', 'Hauptbenutzer', 'Utilisateurs avec pouvoir'),
  { ...group(550, 'Print Operators', 'Druck-Operatoren', "Opérateurs d'impression"), onServers: true },
  group(551, 'Backup Operators', 'Sicherungs-Operatoren', 'Opérateurs de sauvegarde'),
  group(552, 'Replicator', 'Replikations-Operator', 'Duplicateurs'),
  group(
    556,
    'Network Configuration Operators',
    'Netzwerkkonfigurations-Operatoren',
    'Opérateurs de configuration réseau',
  ),
  group(
    558,
    'Performance Monitor Users',
    'Leistungsüberwachungsbenutzer',
    "Utilisateurs de l'Analyseur de performances",
  ),
  group(559, 'Performance Log Users', 'Leistungsprotokollbenutzer', 'Utilisateurs du journal de performances'),
  group(562, 'Distributed COM Users', 'Distributed COM-Benutzer', 'Utilisateurs du modèle COM distribué'),
  { ...group(568, 'IIS_IUSRS', 'IIS_IUSRS', 'IIS_IUSRS'), member: 'S-1-5-17' },
  group(569, 'Cryptographic Operators', 'Kryptografie-Operatoren', 'Opérateurs de chiffrement'),
  group(573, 'Event Log Readers', 'Ereignisprotokollleser', "Lecteurs des journaux d'événements"),
  {
    ...group(
      574,
      'Certificate Service DCOM Access',
      'Zertifikatdienst-DCOM-Zugriff',
      'Accès DCOM service de certificats',
    ),
    onServers: true,
  },
  {
    ...group(575, 'RDS Remote Access Servers', 'RDS-Remotezugriffsserver', 'Serveurs Accès Distant RDS'),
    onServers: true,
  },
  { ...group(576, 'RDS Endpoint Servers', 'RDS-Endpunktserver', 'Serveurs RDS Endpoint'), onServers: true },
  { ...group(577, 'RDS Management Servers', 'RDS-Verwaltungsserver', 'Serveurs Gestion RDS'), onServers: true },
  group(578, 'Hyper-V Administrators', 'Hyper-V-Administratoren', 'Administrateurs Hyper-V'),
  group(
    579,
    'Access Control Assistance Operators',
    'Zugriffssteuerungs-Unterstützungsoperatoren',
    "Opérateurs d'assistance de contrôle d'accès",
  ),
  {
    ...group(581, 'System Managed Accounts Group', 'System Managed Accounts Group', 'System Managed Accounts Group'),
    since: 14393,
    member: localSid(503),
  },
  {
    ...group(582, 'Storage Replica Administrators', 'Storage Replica Administrators', 'Storage Replica Administrators'),
    onServers: true,
    since: 14393,
  },
  { ...group(583, 'Device Owners', 'Gerätebesitzer', "Propriétaires d'appareils"), since: 17763 },
];

function group(rid: number, en: string, de: string, fr: string): GroupOfWindows {
  return { sid: `S-1-5-32-${rid}`, names: { en, de, fr } };
}

/** Those of a machine with this release. */
export function otherGroups(
  { build, kind }: Release,
  language: Language,
): readonly { readonly sid: Sid; readonly name: string; readonly members: readonly Sid[] }[] {
  const number = Number(build.split('.')[2]);
  return groups
    .filter(({ onServers, since = 0 }) => (onServers === undefined || kind === 'server') && number >= since)
    .map(({ sid, names, member }) => ({ sid, name: names[language], members: member === undefined ? [] : [member] }));
}
