import type { Sid } from './sid.ts';

/** Whose changes a device's Security log is asked for: of one group, of one account, of both; neither: of all. */
export interface AttributionRead {
  readonly group?: Sid;
  readonly rid?: number;
}

/** What an action reads before it changes anything. */
export interface PlannedRead extends AttributionRead {
  /** Computer IDs of the targets whose policy asks: of others nothing is kept. Left out: all. */
  readonly asking?: readonly string[];
}

/** One change of an account or a group, as the log tells it. Names are of an untrusted origin. */
export interface AccountEvent {
  /** Of Windows: 4720, 4722, 4724–4726, 4732, 4733, 4738, 4781. */
  readonly id: number;
  /** ISO time by the device's own clock, to the second. */
  readonly at: string;
  /** Who did it. */
  readonly by: Sid;
  /** `DOMAIN\name`; null: the log does not name them. */
  readonly byName: string | null;
  /** The group or account that was changed; one of the machine itself as `~-RID`. */
  readonly target: Sid;
  /** Whom a group was given or lost; null: it is about an account. */
  readonly member: Sid | null;
  /** What an account was renamed to; null: it was not. */
  readonly name: string | null;
}

export interface Attribution {
  /** False: the log could not be read in time, or holds more than is reported. */
  readonly complete: boolean;
  /** Newest first. */
  readonly events: readonly AccountEvent[];
}
