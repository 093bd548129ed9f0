/** Posture towards the network: which services answer, and how they prove who speaks. */
import { at, cis, type PostureItem, page, policies, system } from './item.ts';

const smbServer = `${system}Services\\LanmanServer\\Parameters`;
const smbClient = `${system}Services\\LanmanWorkstation\\Parameters`;
const schannel = `${system}Control\\SecurityProviders\\SCHANNEL\\Protocols`;
const firewall = `${system}Services\\SharedAccess\\Parameters\\FirewallPolicy`;
const terminalServer = `${system}Control\\Terminal Server`;
const terminalPolicy = `${policies}Windows NT\\Terminal Services`;

export const networkItems: readonly PostureItem[] = [
  {
    path: 'dns.llmnr',
    readings: [at(`${policies}Windows NT\\DNSClient`, 'EnableMulticast', 'flag')],
    absent: 1,
    meaning: 'names are also asked for by multicast',
    source: cis('Turn off multicast name resolution'),
  },
  {
    path: 'firewall.domain',
    readings: [
      at(`${policies}WindowsFirewall\\DomainProfile`, 'EnableFirewall', 'flag'),
      at(`${firewall}\\DomainProfile`, 'EnableFirewall', 'flag'),
    ],
    meaning: 'the firewall is on in domain networks',
    source: cis('Windows Firewall: Domain: Firewall state'),
  },
  {
    path: 'firewall.private',
    readings: [
      at(`${policies}WindowsFirewall\\PrivateProfile`, 'EnableFirewall', 'flag'),
      at(`${firewall}\\StandardProfile`, 'EnableFirewall', 'flag'),
    ],
    meaning: 'the firewall is on in private networks',
    source: cis('Windows Firewall: Private: Firewall state'),
  },
  {
    path: 'firewall.public',
    readings: [
      at(`${policies}WindowsFirewall\\PublicProfile`, 'EnableFirewall', 'flag'),
      at(`${firewall}\\PublicProfile`, 'EnableFirewall', 'flag'),
    ],
    meaning: 'the firewall is on in public networks',
    source: cis('Windows Firewall: Public: Firewall state'),
  },
  {
    path: 'ldap.clientSigning',
    readings: [at(`${system}Services\\LDAP`, 'LDAPClientIntegrity', 'integer')],
    meaning: 'signing asked of LDAP servers: 0 none, 1 negotiated, 2 required',
    source: cis('Network security: LDAP client signing requirements'),
  },
  {
    path: 'printing.adminsInstallDrivers',
    readings: [
      at(`${policies}Windows NT\\Printers\\PointAndPrint`, 'RestrictDriverInstallationToAdministrators', 'flag'),
    ],
    absent: 1,
    meaning: 'only administrators install drivers of printers',
    source: cis('Limits print driver installation to Administrators'),
  },
  {
    path: 'printing.spoolerDisabled',
    readings: [at(`${system}Services\\Spooler`, 'Start', '=4')],
    meaning: 'the Print Spooler cannot be started',
    source: cis('Print Spooler (Spooler)'),
  },
  {
    path: 'rdp.enabled',
    readings: [
      at(terminalPolicy, 'fDenyTSConnections', 'inverted'),
      at(terminalServer, 'fDenyTSConnections', 'inverted'),
    ],
    meaning: 'Remote Desktop accepts connections',
    source: cis('Allow users to connect remotely by using Remote Desktop Services'),
  },
  {
    path: 'rdp.nla',
    readings: [
      at(terminalPolicy, 'UserAuthentication', 'flag'),
      at(`${terminalServer}\\WinStations\\RDP-Tcp`, 'UserAuthentication', 'flag'),
    ],
    meaning: 'Remote Desktop asks who it is before it opens a session',
    source: cis('Require user authentication for remote connections by using Network Level Authentication'),
  },
  {
    path: 'remoteRegistry.disabled',
    readings: [at(`${system}Services\\RemoteRegistry`, 'Start', '=4')],
    meaning: 'the Remote Registry service cannot be started',
    source: cis('Remote Registry (RemoteRegistry)'),
  },
  {
    path: 'smb.clientRequireSigning',
    readings: [at(smbClient, 'RequireSecuritySignature', 'flag')],
    meaning: 'the SMB client talks to servers that sign only',
    source: cis('Microsoft network client: Digitally sign communications (always)'),
  },
  {
    path: 'smb.requireSigning',
    readings: [at(smbServer, 'RequireSecuritySignature', 'flag')],
    meaning: 'the SMB server talks to clients that sign only',
    source: cis('Microsoft network server: Digitally sign communications (always)'),
  },
  {
    path: 'smb.v1ClientDisabled',
    readings: [at(`${system}Services\\mrxsmb10`, 'Start', '=4')],
    absent: 4,
    meaning: 'the driver of the SMB 1 client is not there or cannot be started',
    source: cis('Configure SMB v1 client driver'),
  },
  {
    path: 'smb.v1Server',
    readings: [at(smbServer, 'SMB1', 'flag')],
    meaning: 'the SMB server speaks version 1; left out where nothing is set and it depends on the feature',
    source: cis('Configure SMB v1 server'),
  },
  {
    path: 'tls.v10Server',
    readings: [at(`${schannel}\\TLS 1.0\\Server`, 'Enabled', 'flag')],
    meaning: 'TLS 1.0 is accepted by Schannel; left out where the version of Windows decides',
    source: page('windows-server/security/tls/tls-registry-settings'),
  },
  {
    path: 'tls.v11Server',
    readings: [at(`${schannel}\\TLS 1.1\\Server`, 'Enabled', 'flag')],
    meaning: 'TLS 1.1 is accepted by Schannel; left out where the version of Windows decides',
    source: page('windows-server/security/tls/tls-registry-settings'),
  },
  {
    path: 'winrm.serviceBasic',
    readings: [at(`${policies}Windows\\WinRM\\Service`, 'AllowBasic', 'flag')],
    meaning: 'the policy lets WinRM take passwords in the clear',
    source: cis('WinRM Service: Allow Basic authentication'),
  },
];
