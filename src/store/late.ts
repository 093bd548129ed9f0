/**
 * Sets that grow in many small steps, and of which each write is of the whole: they are written once enough has come
 * together. Whoever reads or closes the store, or keeps the record of the run, has them written first; only a process that
 * is killed within a scan takes the last of them with it, and that scan has no end in the history.
 */
export interface LateWrites {
  /** `write` writes what is there to be written; it may be called at any time. */
  readonly add: (write: () => Promise<void>) => void;
  readonly finish: () => Promise<void>;
}

export function lateWrites(): LateWrites {
  const writes: (() => Promise<void>)[] = [];
  return {
    add: (write) => {
      writes.push(write);
    },
    finish: async () => {
      for (const write of writes) await write();
    },
  };
}

/** An eighth of the set: all writes together are then some eight times the last of them, however small the steps are. */
export function isEnough(unwritten: number, written: number): boolean {
  return unwritten > 0 && unwritten * 8 >= written + unwritten;
}
