/** In which steps a change reaches the fleet, as declared. */
import type { Source } from './desired.ts';
import type { Selector } from './selector.ts';

/** Devices that go before any wave; one of both is given at least. */
export interface CanaryPolicy {
  /** At most so many; null: all that the selector selects. */
  readonly devices: number | null;
  /** Null: any device. */
  readonly selector: Selector | null;
  readonly source: Source;
}

export interface WavePolicy {
  /** Null: it has none, and is called by its size. */
  readonly name: string | null;
  readonly size: WaveSize;
  /** Null: any device that is left. */
  readonly selector: Selector | null;
  readonly requireApproval: boolean;
  readonly source: Source;
}

/** A share is of the devices that a plan changes, canaries among them. */
export type WaveSize = { readonly devices: number } | { readonly percent: number } | 'rest';

/** What must hold of a wave before the next one begins. */
export interface GatePolicy {
  /** Share of its devices that must be healthy, 0 to 100. */
  readonly percent: number;
  /** Since its first action. */
  readonly withinSeconds: number;
  readonly source: Source;
}

/** Without waves everything goes at once. */
export function hasWaves({ canaries, waves }: DeclaredWaves): boolean {
  return canaries !== null || waves.length > 0;
}

interface DeclaredWaves {
  readonly canaries: CanaryPolicy | null;
  readonly waves: readonly WavePolicy[];
}
