/** Bugs that are planted, to see that the proof finds them. */
import type { RotationKey } from '../../../src/model/credential.ts';
import type { Store } from '../../../src/ports.ts';
import type { MachineState } from '../../../src/simulator/windows/state.ts';

export const bugs = [
  /** The device sets a password before its sealed copy is in the journal. */
  'journal after set',
  /** Acknowledged passwords leave the device at once. */
  'acknowledgement drops at once',
  /** The key is written down once the action is made. */
  'key after POST',
  /** A record keeps the newest password only. */
  'previous overwritten',
  /** A rotation that is not settled is forgotten, and another one begun. */
  'new id while open',
] as const;
export type Bug = (typeof bugs)[number];

/** What is durable in the place of the state that would be; `before`: what is so far. */
export type Kept = (before: MachineState, after: MachineState) => MachineState;

export function buggyState(bug: Bug | null): Kept {
  switch (bug) {
    case 'journal after set':
      return (before, after) => (isMade(after) ? { ...after, files: before.files } : after);
    case 'acknowledgement drops at once':
      return (_, after) => withEntries(after, (entry) => (entry.ack ? { ...entry, env: [] } : entry));
    default:
      return (_, after) => after;
  }
}

interface Entry {
  readonly st: string;
  readonly env: readonly unknown[];
  readonly ack: boolean;
}

/** A rotation is under way. */
function isMade({ files }: MachineState): boolean {
  return Object.values(files).some((text) => (JSON.parse(text) as Entry).st === 'made');
}

function withEntries(state: MachineState, change: (entry: Entry) => Entry): MachineState {
  const files = Object.entries(state.files).map(([name, text]) => [name, JSON.stringify(change(JSON.parse(text)))]);
  return { ...state, files: Object.fromEntries(files) as Readonly<Record<string, string>> };
}

/** The store as a controller with that bug uses it. */
export function buggyStore(bug: Bug | null, store: Store): Store {
  switch (bug) {
    case 'key after POST':
      return withLateKeys(store);
    case 'previous overwritten':
      return changed(store, {
        putCredentials: (records) =>
          store.putCredentials(records.map((one) => ({ ...one, credentials: one.credentials.slice(0, 1) }))),
      });
    case 'new id while open':
      return changed(store, {
        credentials: async function* forgetful(ids) {
          for await (const record of store.credentials(ids)) yield { ...record, open: null };
        },
      });
    default:
      return store;
  }
}

function withLateKeys(store: Store): Store {
  const late: RotationKey[] = [];
  return changed(store, {
    putRotationKey: async (key) => {
      late.push(key);
    },
    rotationKey: async (id) => late.find((key) => key.id === id) ?? store.rotationKey(id),
    putEntry: async (entry) => {
      await store.putEntry(entry);
      if (entry.state === 'intended') return;
      for (const key of late.splice(0)) await store.putRotationKey(key);
    },
  });
}

function changed(store: Store, change: Partial<Store>): Store {
  return new Proxy(store, {
    get: (target, name) => {
      const own = change[name as keyof Store] ?? target[name as keyof Store];
      return typeof own === 'function' ? (own as (...values: unknown[]) => unknown).bind(target) : own;
    },
  });
}
