/** What this machine is. Nothing of it is needed by Trueup: it is what the seed asks of NPS-D's host. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { type as system } from 'node:os';
import { promisify } from 'node:util';
import { type HostFacts, leastLibraries } from './judge/host.ts';

const run = promisify(execFile);
const pythonMilliseconds = 2_000;

/** Seed, "PowerShell Scripts & Packages" and "Debug commands". */
const npsdFolders = ['/docker/shared/python/src/remediant', '/var/log/npsd'];

export async function lookAtHost(env: Readonly<Record<string, string | undefined>>): Promise<HostFacts> {
  const { python, libraries } = await lookAtPython(env);
  return {
    system: system(),
    release: releaseOf('/etc/os-release'),
    python,
    libraries,
    isNpsdHost: npsdFolders.some((path) => existsSync(path)),
  };
}

/** os-release(5) */
function releaseOf(path: string): HostFacts['release'] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  const value = (key: string): string => new RegExp(`^${key}="?([^"\n]*)"?$`, 'm').exec(text)?.[1] ?? '';
  return { id: value('ID'), version: value('VERSION_ID'), name: value('PRETTY_NAME') };
}

/** Versions alone: no module is loaded, so nothing of theirs runs. */
const script = `
import json, sys
from importlib.metadata import PackageNotFoundError, version
def of(name):
    try: return version(name)
    except PackageNotFoundError: return None
print(json.dumps([sys.version.split()[0], {name: of(name) for name in sys.argv[1:]}]))
`;

async function lookAtPython(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Pick<HostFacts, 'python' | 'libraries'>> {
  try {
    // -I: neither PYTHON* variables nor the working directory have a say.
    const { stdout } = await run('python3', ['-I', '-c', script, ...Object.keys(leastLibraries)], {
      env: { PATH: env['PATH'] ?? '' },
      timeout: pythonMilliseconds,
      windowsHide: true,
    });
    const [python, libraries] = JSON.parse(stdout) as [string, Record<string, string | null>];
    return { python, libraries };
  } catch {
    return { python: null, libraries: {} };
  }
}
