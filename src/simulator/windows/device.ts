/** One simulated Windows device: an identity, and a state that it shares with its equals until it changes. */
import { createHash } from 'node:crypto';
import { shortName } from '../../model/selector.ts';
import { absoluteSid, type Sid } from '../../model/sid.ts';
import type { DeviceTruth, Disturbance, SimulatedDevice } from '../fleet/fleet.ts';
import type { Directory, Machine } from './action.ts';
import { disturbed } from './disturb.ts';
import { actorOf, systemOf, withEvents } from './events.ts';
import type { Signature } from './script.ts';
import { retoldScripts, type Scripts } from './scripts.ts';
import type { MachineState } from './state.ts';

export interface DeviceIdentity {
  readonly computerId: number;
  readonly name: string;
  readonly os: string;
  readonly domain: string | null;
  readonly machineSid: Sid;
}

/** Where nobody says what time it is, it is this: a fleet is the same on every day. */
export const fleetEpoch: Date = new Date('2026-03-02T09:00:00Z');

const inventories = new WeakMap<MachineState, string>();
const postures = new WeakMap<MachineState, string>();

/** A class, so that a device costs its fields and nothing more: a fleet may have 100,000. */
export class WindowsDevice implements SimulatedDevice {
  readonly computerId: number;
  readonly name: string;
  readonly os: string;
  readonly domain: string | null;
  readonly machineSid: Sid;
  online = true;
  #state: MachineState;
  readonly #directory: Directory;
  readonly #scripts: Scripts;

  constructor(identity: DeviceIdentity, state: MachineState, directory: Directory, scripts: Scripts = retoldScripts) {
    this.computerId = identity.computerId;
    this.name = identity.name;
    this.os = identity.os;
    this.domain = identity.domain;
    this.machineSid = identity.machineSid;
    this.#state = state;
    this.#directory = directory;
    this.#scripts = scripts;
  }

  get platform(): 'Windows' {
    return 'Windows';
  }

  inventory(): string {
    return this.#remembered(inventories, this.#scripts.inventory);
  }

  posture(): string {
    return this.#remembered(postures, this.#scripts.posture);
  }

  #remembered(texts: WeakMap<MachineState, string>, textOf: Scripts['inventory']): string {
    let text = texts.get(this.#state);
    if (text === undefined) {
      text = textOf(this.#machine(fleetEpoch), this.#signature());
      texts.set(this.#state, text);
    }
    return text;
  }

  run(parameter: string, at: Date = fleetEpoch): readonly string[] {
    const machine = this.#machine(at);
    const { lines, state } = this.#scripts.run(machine, this.#signature(), parameter);
    this.#state = withEvents(machine, state, systemOf(machine));
    return lines;
  }

  truth(): DeviceTruth {
    return {
      computerId: this.computerId,
      name: this.name,
      online: this.online,
      os: this.os,
      users: this.#state.users.map(({ rid, name, enabled, passwordNumber, password }) => ({
        rid,
        name,
        enabled,
        passwordId: sha256(password ?? this.#password(rid, passwordNumber)).toString('hex'),
      })),
      groups: this.#state.groups.map(({ sid, members }) => ({
        sid: absoluteSid(sid, this.machineSid),
        members: members.map((member) => absoluteSid(member.sid, this.machineSid)),
      })),
    };
  }

  disturb(change: Disturbance, at: Date = fleetEpoch): void {
    const machine = this.#machine(at);
    this.#state = withEvents(machine, disturbed(machine, change), actorOf(machine, change.actor ?? null));
  }

  snapshot(): () => void {
    const state = this.#state;
    return () => {
      this.#state = state;
    };
  }

  #machine(now: Date): Machine {
    return {
      state: this.#state,
      machineSid: this.machineSid,
      computer: shortName(this.name),
      domain: this.domain,
      directory: this.#directory,
      now,
    };
  }

  #signature(): Signature {
    return { computer: shortName(this.name), domain: this.domain, ms: 20 + (this.computerId % 50) };
  }

  /** What the machine drew at random, had it been random: nothing keeps it, and it is the same in every run. */
  #password(rid: number, number: number): string {
    return sha256(`${this.machineSid}-${rid} ${number}`).toString('base64');
  }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text, 'utf8').digest();
}
