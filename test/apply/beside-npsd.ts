/** The records of NPS-D for the simulated fleet of a test. */
import type { Npsd } from '../store/npsd-world.ts';
import type { Cloud } from './world.ts';

/** Toggle on, the provider's row, and each device under Protect; `parts` by the device's name. */
export async function recordFleet(
  npsd: Npsd,
  { ask }: Pick<Cloud, 'ask'>,
  parts: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<void> {
  await npsd.db.collection('release_toggles').insertOne({ name: 'tanium_cloud', enabled: true });
  await npsd.insertProvider();
  for (const { name } of await ask<readonly { readonly name: string }[]>('devices')) {
    const [cn = '', ...domain] = name.split('.');
    const policy = { scan: true, secure: true };
    const record = { cn, domain_fqdn: domain.join('.'), os: 'Windows', policy, edr_integration: 'Production Tanium' };
    await npsd.insertComputer({ ...record, ...parts[name] });
  }
}
