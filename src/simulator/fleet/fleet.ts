/** One device of the simulated fleet, as the simulated server meets it. */
export interface SimulatedDevice {
  readonly computerId: number;
  readonly name: string;
  readonly os: string;
  readonly domain: string | null;
  readonly platform: 'Windows' | 'Linux' | 'Mac';
  /** Set by faults. */
  online: boolean;
  /** What the NPS sensor answers, under whatever name it is configured: one line. */
  inventory(): string;
  /** What the sensor of the device's posture answers: one line. */
  posture(): string;
  /**
   * Runs a package command as SYSTEM: what `expand_params.ps1` prints, line by line. `parameter` is the value as it
   * reaches the command line, percent-encoded; `at` is the time of the device, a fixed day where it is not given.
   */
  run(parameter: string, at?: Date): readonly string[];
  /** Of `GET /_sim/devices`. */
  truth(): DeviceTruth;
  /** Of `POST /_sim/drift`, without its `device`. */
  disturb(change: Disturbance, at?: Date): void;
  /** Answers what puts the device back to how it is now, as the snapshot of a virtual machine does. */
  snapshot(): () => void;
}

/** SIDs are whole, also those of the machine's own accounts; `passwordId` is the SHA-256 of the password in hex. */
export interface DeviceTruth {
  readonly computerId: number;
  readonly name: string;
  readonly online: boolean;
  readonly os: string;
  readonly users: readonly {
    readonly rid: number;
    readonly name: string;
    readonly enabled: boolean;
    readonly passwordId: string;
  }[];
  readonly groups: readonly { readonly sid: string; readonly members: readonly string[] }[];
}

/** What somebody else does to a device; a member's SID may be whole or `~-RID`. */
export interface Disturbance {
  readonly user?: {
    readonly name: string;
    readonly enabled?: boolean;
    readonly delete?: boolean;
    /** The one that somebody sets. */
    readonly password?: string;
  };
  readonly group?: { readonly sid: string; readonly add?: readonly string[]; readonly remove?: readonly string[] };
  /** `CORP\\x`, `.\\x`, `x`; left out: SYSTEM. The machine's Security log says so. */
  readonly actor?: string;
}

export interface Fleet {
  readonly devices: readonly SimulatedDevice[];
  readonly byId: ReadonlyMap<number, SimulatedDevice>;
}

/** `drift` is the share, 0 to 1, of the devices that differ from `examples/minimal`. */
export interface FleetOptions {
  readonly devices: number;
  readonly drift: number;
  readonly seed: number;
}

export { loadFleet } from './file.ts';
export { generateFleet } from './generate.ts';
