/** Who is what in a generated fleet: which traits fall on which device, by shares and by seed. */
import type { LapsMode } from '../../model/inventory.ts';
import type { Sid } from '../../model/sid.ts';
import { oldRelease, type Release, releases, type Traits } from './image.ts';
import { type Random, randomFrom } from './random.ts';
import { retiredDomainSid } from './world.ts';

export interface Role extends Traits {
  readonly controller: boolean;
  /** Index of the device whose host name this one bears too; null: it has a name of its own. */
  readonly sameNameAs: number | null;
}

/** A domain controller is out of scope, and the scripts change nothing without full PowerShell 5.1. */
export function isChangeable(role: Role): boolean {
  return !role.controller && role.powershell === '5.1' && role.languageMode === 'full';
}

const servers = releases.filter((release) => release.kind === 'server');
const workstations = releases.filter((release) => release.kind === 'workstation');
const serverShare = 0.4;

/** The shares are those of `generate.ts`, with at least one device of each kind from the size given second. */
export function rolesOf(size: number, seed: number): Role[] {
  const share = (part: number, atLeastOneFrom: number): number =>
    Math.max(size >= atLeastOneFrom ? 1 : 0, Math.round(part * size));
  const random = randomFrom(seed, 'roles');
  const order = random.shuffled(Array.from({ length: size }, (_, index) => index));
  const serverCount = Math.round(serverShare * size);
  const serverIndexes = order.slice(0, serverCount);
  const workstationIndexes = order.slice(serverCount);

  const controllers = new Set(serverIndexes.splice(0, share(0.005, 10)));
  const oldShells = new Set(serverIndexes.splice(0, share(0.01, 20)));
  const constrained = new Set(workstationIndexes.splice(0, share(0.01, 20)));
  const isServer = new Set([...serverIndexes, ...oldShells, ...controllers]);
  const entra = new Set(random.shuffled(workstationIndexes).slice(0, share(0.1, 10)));
  const some = (part: number): ReadonlySet<number> =>
    new Set(random.shuffled([...serverIndexes, ...workstationIndexes]).slice(0, share(part, 10)));
  const laps = some(0.15);
  const renamed = some(0.1);
  const foreign = some(0.1);
  const orphaned = some(0.08);
  const doubles = pairs(random.shuffled(workstationIndexes.filter((index) => !entra.has(index))), share(0.005, 10));

  const traits = randomFrom(seed, 'traits');
  return Array.from({ length: size }, (_, index): Role => {
    const release = oldShells.has(index) ? oldRelease : traits.pick(isServer.has(index) ? servers : workstations);
    const join = entra.has(index) ? 'entra' : 'domain';
    const lapsAccount = traits.pick(['builtin', 'custom'] as const);
    const language = traits.pick(['de', 'fr'] as const);
    const administratorName = traits.pick(['root', 'LocalAdm', 'Adm-Local']);
    const orphans = orphansOf(traits);
    return {
      controller: controllers.has(index),
      sameNameAs: doubles.get(index) ?? null,
      release,
      join,
      language: foreign.has(index) ? language : 'en',
      powershell: oldShells.has(index) ? '4.0' : '5.1',
      languageMode: constrained.has(index) ? 'constrained' : 'full',
      laps: { mode: laps.has(index) ? lapsModeOf(release, join) : 'none', account: lapsAccount },
      administratorName: renamed.has(index) ? administratorName : null,
      breakglassRid: traits.pick([1001, 1002, 1004]),
      orphans: orphaned.has(index) ? orphans : [],
    };
  });
}

function lapsModeOf(release: Release, join: Traits['join']): LapsMode {
  if (join === 'entra') return 'entra';
  return release.imaged < '2025-07-01' ? 'legacy' : 'ad';
}

function orphansOf(random: Random): Sid[] {
  const rids = [1188, 1203, 2417].slice(0, 1 + random.below(2));
  return rids.map((rid) => `${retiredDomainSid}-${rid}`);
}

/** The second of each pair takes the name of the first. */
function pairs(indexes: readonly number[], count: number): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  for (let pair = 0; pair < count; pair += 1) {
    const [first, second] = indexes.slice(pair * 2, pair * 2 + 2);
    if (first !== undefined && second !== undefined) found.set(second, first);
  }
  return found;
}
