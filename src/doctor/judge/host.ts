/** The machine that the diagnosis runs on, against what the seed asks of NPS-D's own (#25, #26, #36). */
import type { TrueupError } from '../../errors.ts';
import type { Check } from '../../model/doctor.ts';
import { count, fail, failedBy, info, ok, warn } from './check.ts';

export interface HostFacts {
  /** As `uname` calls it: `Linux`. */
  readonly system: string;
  /** Of /etc/os-release; null: there is none. */
  readonly release: { readonly id: string; readonly version: string; readonly name: string } | null;
  /** `3.11.2`; null: no python3 is found. */
  readonly python: string | null;
  /** Versions of the libraries that Python finds, by their names; null: it lacks one. */
  readonly libraries: Readonly<Record<string, string | null>>;
  /** Whether NPS-D's own files are on it: then what is missing is missing. */
  readonly isNpsdHost: boolean;
}

export type KeyFacts =
  | { readonly kind: 'file'; readonly path: string; readonly keys: number }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'none'; readonly path: string };

const recommendedUbuntu = ['20.04', '22.04'];
const leastPython = '3.9';

/** Seed, "Required libraries & dependencies". */
export const leastLibraries: Readonly<Record<string, string>> = {
  requests: '2.28',
  pydantic: '1.10',
  pycryptodomex: '3.15',
  lxml: '4.9',
};

export function judgeHost(facts: HostFacts): readonly Check[] {
  return [judgeSystem(facts), judgePython(facts), judgeLibraries(facts)];
}

/** Elsewhere than on NPS-D's host nothing is wrong: Trueup itself needs none of it. */
function short(facts: HostFacts, id: string, message: string, remedy: string): Check {
  if (facts.isNpsdHost) return warn(id, message, remedy);
  return info(id, `${message} It counts on the host of NPS-D alone, which this one does not seem to be.`);
}

function judgeSystem(facts: HostFacts): Check {
  const { system, release } = facts;
  const name = release === null ? system : release.name;
  if (release?.id === 'ubuntu' && recommendedUbuntu.includes(release.version)) return ok('host.os', `${name}.`);
  const message = `${name}: Ubuntu 20.04 or 22.04 is recommended for NPS-D.`;
  return short(facts, 'host.os', message, 'Run NPS-D on Ubuntu 20.04 or 22.04.');
}

function judgePython(facts: HostFacts): Check {
  const { python } = facts;
  if (python !== null && isAtLeast(python, leastPython)) return ok('host.python', `Python ${python}.`);
  const found = python === null ? 'No python3 is found' : `Python ${python} is found`;
  const message = `${found}: NPS-D needs ${leastPython} or later.`;
  return short(facts, 'host.python', message, `Install Python ${leastPython} or later.`);
}

function judgeLibraries(facts: HostFacts): Check {
  const { libraries } = facts;
  const lacking = Object.entries(leastLibraries).flatMap(([name, least]) => {
    const version = libraries[name] ?? null;
    if (version === null) return [`${name} is missing (${least} or later)`];
    return isAtLeast(version, least) ? [] : [`${name} is ${version} (${least} or later)`];
  });
  if (lacking.length > 0) {
    const message = `Of the Python libraries of NPS-D ${lacking.join(', ')}.`;
    return short(facts, 'host.libraries', message, 'Install them with the pip of NPS-D.');
  }
  const found = Object.keys(leastLibraries).map((name) => `${name} ${libraries[name]}`);
  return ok('host.libraries', `${found.join(', ')}.`);
}

/** Compares as many parts as `least` has. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, need] = [version, least].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  for (const [index, part] of (need ?? []).entries()) {
    const other = have?.[index] ?? 0;
    if (other !== part) return other > part;
  }
  return true;
}

/** `looked`: the key, or what is wrong with it. */
export function judgeKey(looked: KeyFacts | TrueupError): Check {
  const id = 'host.key';
  if (!('kind' in looked)) return failedBy(id, looked);
  if (looked.kind === 'variable') return ok(id, `The key comes from ${looked.name}.`);
  if (looked.kind === 'none') return info(id, `${looked.path} is not there yet: it is made when something is sealed.`);
  const { path, keys } = looked;
  if (keys === 0) return fail(id, `${path} holds no key.`, 'Restore the file from a backup.');
  return ok(id, `${path} is for its owner alone, and holds ${count(keys, 'key')}.`);
}
