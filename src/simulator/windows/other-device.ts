/** A device that is not Windows: it is in the fleet, and out of every scope. */
import { TrueupError } from '../../errors.ts';
import type { DeviceTruth, Disturbance, SimulatedDevice } from '../fleet/fleet.ts';
import type { DeviceIdentity } from './device.ts';

export class OtherDevice implements SimulatedDevice {
  readonly computerId: number;
  readonly name: string;
  readonly os: string;
  readonly domain: string | null;
  readonly platform: 'Linux' | 'Mac';
  online = true;

  constructor(identity: Omit<DeviceIdentity, 'machineSid'>, platform: 'Linux' | 'Mac') {
    this.computerId = identity.computerId;
    this.name = identity.name;
    this.os = identity.os;
    this.domain = identity.domain;
    this.platform = platform;
  }

  /** What the sensor of another platform says, by its own script (#50). */
  inventory(): string {
    return `Not available on ${this.platform}`;
  }

  posture(): string {
    return this.inventory();
  }

  /** The package's command is one of Windows. */
  run(): readonly string[] {
    return ['sh: cmd.exe: command not found'];
  }

  truth(): DeviceTruth {
    return {
      computerId: this.computerId,
      name: this.name,
      online: this.online,
      os: this.os,
      users: [],
      groups: [],
    };
  }

  disturb(_change: Disturbance, _at?: Date): void {
    throw new TrueupError('TRUEUP_SIMULATOR', `${this.name} has no Windows accounts`);
  }

  /** Nothing of it ever changes. */
  snapshot(): () => void {
    return () => {};
  }
}
