import type { Boxes, PasswordCommands, Recipient, Vault } from '../credential-ports.ts';
import type { FleetActions, FleetContent, FleetScanner } from '../fleet-ports.ts';
import type { AuditHead } from '../model/audit.ts';
import type { ScriptSource } from '../model/content.ts';
import type { Desired, DesiredProvider } from '../model/desired.ts';
import type { RecoveryKey } from '../model/rotation.ts';
import type { Clock, Ids, Store } from '../ports.ts';

/** Everything that a run works with; `commands/` fills it with the real adapters. */
export interface RunContext {
  readonly desired: Desired;
  readonly provider: DesiredProvider;
  /** Labels of the devices by lower-case computer name, from the provider's CSV. */
  readonly labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly store: Store;
  readonly vault: Vault;
  readonly boxes: Boxes;
  readonly passwordCommands: PasswordCommands;
  /** Who holds the private half of a policy's recovery key. Throws TRUEUP_RECIPIENT_INVALID. */
  readonly recipient: (key: RecoveryKey) => Promise<Recipient>;
  readonly scanner: FleetScanner;
  readonly actions: FleetActions;
  /** Tanium's content, and the files that it is made of; left out: nobody looks at either. */
  readonly content?: { readonly fleet: FleetContent; readonly read: (script: ScriptSource) => Promise<Uint8Array> };
  readonly clock: Clock;
  readonly ids: Ids;
  /** Aborted when the run is to end at the next safe place. */
  readonly signal: AbortSignal;
  /** Throws TRUEUP_STORE_BUSY unless this process still is the one that may write and send. */
  readonly assertHeld: () => Promise<void>;
  /** Who runs it, `user@host`. */
  readonly by: string;
  /** Commit of the checkout that the configuration lies in; null: it lies in none. */
  readonly commit: () => Promise<string | null>;
  /**
   * Keeps the newest hash of the audit chain apart from it. False: the chain, whose hashes `hashAt` answers by number, is
   * no longer the one that was kept before, and what was kept stays.
   */
  readonly witness: (head: AuditHead, hashAt: (number: number) => Promise<string | null>) => Promise<boolean>;
  readonly tell: (event: RunEvent) => void;
}

/** What happens meanwhile, for a status line or a log; never needed for the result. */
export type RunEvent =
  | { readonly kind: 'scan'; readonly answered: number; readonly expected: number }
  | { readonly kind: 'action'; readonly answered: number; readonly failed: number; readonly targets: number }
  | { readonly kind: 'note'; readonly text: string };
