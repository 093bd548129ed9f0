/** `trueup doctor --bundle FILE`: the diagnosis with all that belongs to it, in one file for whoever helps. */
import { writeFile } from 'node:fs/promises';
import { release, type as system } from 'node:os';
import { join, resolve } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import { bundleOf, type LogPlace } from '../doctor/bundle.ts';
import { messageOf, TrueupError } from '../errors.ts';
import type { DesiredProvider, SecretReference } from '../model/desired.ts';
import type { DoctorReport } from '../model/doctor.ts';
import { readSecret } from '../secrets/reference.ts';
import type { Io } from './io.ts';
import type { Session, SessionOptions } from './session.ts';
import { systemClock } from './system.ts';

/** Throws TRUEUP_USAGE where the file is there already or cannot be written. */
export async function writeBundle(
  session: Session,
  report: DoctorReport,
  { logDir }: Pick<SessionOptions, 'logDir'>,
  file: string,
  io: Io,
): Promise<void> {
  const { configuration, store } = session;
  const { desired, provider } = configuration;
  const text = await bundleOf({
    madeAt: systemClock.now(),
    versions: { trueup: packageJson.version, node: process.version, system: `${system()} ${release()}` },
    report,
    desired,
    provider,
    store,
    logs: logPlaces(provider, logDir, io),
    secrets: await secretsOf(provider, io),
  });
  const path = resolve(io.cwd, file);
  try {
    // It names devices and people: it is for its owner alone, until it is handed on.
    await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  } catch (origin) {
    throw new TrueupError('TRUEUP_USAGE', `The bundle cannot be written to ${path}: ${messageOf(origin)}.`, {
      cause: 'The file is there already, or its folder is not or may not be written.',
      remedy: 'Name another file with --bundle.',
      origin,
    });
  }
}

/** Where the seed has the logs of NPS-D and of its database; ours have the same names. */
const npsdLogs: Readonly<Record<keyof DesiredProvider['logs'], string>> = {
  svcScan: '/var/log/npsd/svc_scan.log',
  bulkScan: '/var/log/npsd/bulk_scan.log',
  taniumApi: '/var/log/npsd/tanium_api.log',
  mongod: '/var/log/mongodb/mongod.log',
};
const ownLogs = ['svc_scan.log', 'bulk_scan.log', 'tanium_api.log'];

function logPlaces({ logs }: DesiredProvider, logDir: string | null, { cwd }: Io): readonly LogPlace[] {
  const own = logDir === null ? [] : ownLogs.map((name) => ({ name, path: join(resolve(cwd, logDir), name) }));
  const npsd = Object.entries(npsdLogs).map(([key, usual]) => {
    const path = logs[key as keyof DesiredProvider['logs']] ?? usual;
    return { name: `${key} of NPS-D`, path: resolve(cwd, path) };
  });
  return [...own, ...npsd];
}

/** What cannot be read is nowhere either. */
async function secretsOf({ apiKey, proxy }: DesiredProvider, { env, cwd, signal }: Io): Promise<readonly string[]> {
  const references: SecretReference[] = [apiKey, ...(proxy?.password ? [proxy.password] : [])];
  const values = references.map((reference) => readSecret(reference, { env, cwd, signal }).catch(() => ''));
  const keys = [env['TRUEUP_KEY'] ?? ''];
  return [...(await Promise.all(values)), ...keys].filter((value) => value !== '');
}
