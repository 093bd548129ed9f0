import type { RunContext } from '../apply/context.ts';
import type { TrueupError } from '../errors.ts';
import type { FleetConnection } from '../fleet-ports.ts';
import type { HostFacts, KeyFacts } from './judge/host.ts';

/** What a diagnosis works with besides what every run does. */
export interface DoctorContext
  extends Pick<
      RunContext,
      'desired' | 'provider' | 'labels' | 'content' | 'store' | 'scanner' | 'actions' | 'clock' | 'ids' | 'signal'
    >,
    Pick<RunContext, 'assertHeld' | 'by' | 'commit' | 'witness' | 'tell'> {
  readonly connection: FleetConnection;
  /** Requests to Tanium so far, each repetition counted. */
  readonly requests: () => { readonly calls: number };
  /** What this machine is. */
  readonly host: () => Promise<HostFacts>;
  /** The file that seals what is kept; throws what is wrong with it. */
  readonly key: () => KeyFacts;
}

/** What came of a look at something: each is told apart, and none ends the diagnosis. */
export type Seen<T> =
  | { readonly kind: 'got'; readonly value: T }
  | { readonly kind: 'error'; readonly error: TrueupError }
  /** Nobody looked; `why` is a sentence's worth. */
  | { readonly kind: 'none'; readonly why: string };

export function got<T>(value: T): Seen<T> {
  return { kind: 'got', value };
}

export function unseen(why: string): Seen<never> {
  return { kind: 'none', why };
}
