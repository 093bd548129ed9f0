/** A database in which NPS-D already knows the fleet: it makes the records, and Trueup never inserts one. */
import { MongoClient } from 'mongodb';

export async function seedNpsd(url: string, provider: string, baseUrl: string, fleet: readonly Named[]): Promise<void> {
  const client = new MongoClient(url);
  try {
    const db = client.db();
    await db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: false });
    const integration = { name: provider, enable: true, api_base_url: baseUrl, api_key: 'sealed', options: {} };
    await db.collection('integrations_edr_config').insertOne({ provider: 'tanium_cloud', config: { integration } });
    await db.collection('computers').insertMany(fleet.map(computer));
  } finally {
    await client.close();
  }
}

interface Named {
  readonly name: string;
  readonly os: string;
}

function computer({ name, os }: Named): Record<string, unknown> {
  const [cn = name, ...domain] = name.split('.');
  return {
    cn: cn.toUpperCase(),
    domain_fqdn: domain.length > 0 ? domain.join('.') : null,
    os,
    policy: { scan: true, secure: false, strict_secure: false },
    edr_integration: 'tanium_cloud',
  };
}
