/** Where an installation of NPS-D keeps its records; every name is configurable (npsd-domain.md section 0). */
export interface ProviderFields {
  readonly collections: {
    readonly releaseToggles: string;
    readonly edrConfig: string;
    readonly computers: string;
    readonly bulkScanHistory: string;
  };
  /** Dotted paths in the provider row. */
  readonly provider: {
    readonly name: string;
    readonly enable: string;
    readonly apiBaseUrl: string;
    readonly proxyUrl: string;
    readonly proxyUsername: string;
    readonly options: string;
  };
  /** Dotted paths in a computer's record. */
  readonly computer: {
    readonly name: string;
    readonly domain: string;
    readonly ou: string;
    readonly os: string;
    readonly scan: string;
    readonly secure: string;
    readonly strictSecure: string;
    readonly offlineAccess: string;
    readonly edrIntegration: string;
    readonly insertedAt: string;
    readonly lastScan: string;
    readonly lastScanned: string;
    readonly administrators: string;
  };
}

export const defaultFields: ProviderFields = {
  collections: {
    releaseToggles: 'release_toggles',
    edrConfig: 'integrations_edr_config',
    computers: 'computers',
    bulkScanHistory: 'bulk_scan_history',
  },
  provider: {
    name: 'config.integration.name',
    enable: 'config.integration.enable',
    apiBaseUrl: 'config.integration.api_base_url',
    proxyUrl: 'config.integration.proxy.url',
    proxyUsername: 'config.integration.proxy.username',
    options: 'config.integration.options',
  },
  computer: {
    name: 'cn',
    domain: 'domain_fqdn',
    ou: 'distinguishedName',
    os: 'os',
    scan: 'policy.scan',
    secure: 'policy.secure',
    strictSecure: 'policy.strict_secure',
    offlineAccess: 'config.policies.offline_access_management',
    edrIntegration: 'edr_integration',
    insertedAt: 'inserted_ts',
    lastScan: 'lastScan',
    lastScanned: 'last_scanned',
    administrators: 'admins.current',
  },
};
