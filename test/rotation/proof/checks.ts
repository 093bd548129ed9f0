/**
 * What must hold after every single step: that the password which a device has now can be opened from what is held, or will
 * be after one more ask; that no attempt of a rotation has two passwords, but on a machine that was put back to before it;
 * and that what was held once is not let go.
 */
import { encodeCommands, operationCommand } from '../../../src/endpoint/encode.ts';
import { decodeParameter, parseCommands } from '../../../src/endpoint/parse.ts';
import { decodeReports } from '../../../src/endpoint/report.ts';
import { rotatedPasswordOf } from '../../../src/endpoint/rotation.ts';
import { defaultRotation } from '../../../src/model/rotation.ts';
import type { MachineState } from '../../../src/simulator/windows/state.ts';
import type { HeldAccount, Holdings } from './held.ts';
import { accountRids, type Device, imagined, markOn, passwordOn } from './machine.ts';

const rids: readonly number[] = Object.values(accountRids);

export interface Checks {
  /** Looks at a device as it is now. */
  look(device: Device): void;
  /** What is held is now this. */
  hold(holdings: Holdings): void;
  /** An action with this command is about to be made for these devices. */
  ask(command: string, computerIds: readonly string[]): void;
  /** The machine is about to be put back to this state. */
  putBack(device: Device, to: MachineState): void;
  /** Whether it ever was. */
  wasPutBack(device: Device): boolean;
  readonly faults: readonly string[];
}

/** What is in a box; null: the key does not open it. */
export type Opened = (box: string, privateKey: Buffer) => string | null;

/** `now`: the true time. */
export function checksOf(devices: readonly Device[], first: Holdings, now: () => number, opened: Opened): Checks {
  const faults: string[] = [];
  let holdings = first;
  const passwords = new Passwords();
  const restored = new Set<Device>();
  /** States of a device that are known to be well with these holdings. */
  let well = new WeakSet<MachineState>();

  function look(device: Device): void {
    passwords.note(device, faults);
    if (well.has(device.state)) return;
    for (const rid of rids) {
      if (!isWithinReach(device, rid, holdings, now(), opened)) {
        faults.push(`nobody can open the password of ${rid} on ${device.name}`);
      }
    }
    well.add(device.state);
  }

  return {
    look,
    faults,
    hold: (next) => {
      faults.push(...letGo(holdings, next), ...forgotten(holdings, next));
      holdings = next;
      well = new WeakSet();
      for (const device of devices) look(device);
    },
    ask: (command, computerIds) => {
      for (const { action, parameters } of parseCommands(decodeParameter(command))) {
        if (action !== 'RotatePassword') continue;
        const id = String(parameters.RotationId);
        if (holdings.keyOf(id) === null) faults.push(`${id} is asked for, and its key is not durable`);
        const isOpen = (computerId: string): boolean =>
          holdings.accounts.some(({ record }) => record.computerId === computerId && record.open?.id === id);
        if (!computerIds.every(isOpen)) faults.push(`${id} is asked for, and that is not durable`);
      }
    },
    putBack: (device, to) => {
      restored.add(device);
      passwords.forget(device, to);
    },
    wasPutBack: (device) => restored.has(device),
  };
}

function isWithinReach(device: Device, rid: number, holdings: Holdings, now: number, opened: Opened): boolean {
  const password = passwordOn(device.state, rid);
  // Of whoever set the machine up: that was never ours to know.
  if (password.startsWith('first of ')) return true;
  const held = holdings.accountOf(device.computerId, rid);
  if (held?.passwords.some(({ text }) => text === password)) return true;
  return held !== null && comesByAsking(device, rid, held, holdings, now, opened);
}

/** Whether the rotation that the device knows is one that we know too, and asking for it once more brings its password. */
function comesByAsking(
  device: Device,
  rid: number,
  held: HeldAccount,
  holdings: Holdings,
  now: number,
  opened: Opened,
): boolean {
  const id = markOn(device.state, rid)?.id;
  const { open, credentials } = held.record;
  if (id === undefined || (open?.id !== id && !credentials.some(({ rotation }) => rotation === id))) return false;
  const key = holdings.keyOf(id);
  if (key === null) return false;
  const { lines, state } = imagined(device, askFor(rid, id, key.publicKey), now);
  const [report] = decodeReports(lines).reports;
  const told = rotatedPasswordOf(report?.data ?? null, id);
  const boxes = told?.boxes ?? [];
  return boxes.some(({ box }) => opened(box, key.privateKey) === passwordOn(state, rid));
}

function askFor(rid: number, id: string, publicKey: string): string {
  const { complexity } = defaultRotation;
  const rotation = { id, publicKey };
  const operation = { kind: 'password.rotate', account: { rid }, generator: 'endpoint', complexity, rotation } as const;
  return encodeCommands([operationCommand(operation)]);
}

/** What was held and is no more; retention takes only what another one has followed for long. */
function letGo(before: Holdings, after: Holdings): string[] {
  return before.accounts.flatMap(({ record, passwords }) => {
    const rid = accountRids[record.account] ?? 0;
    const left = after.accountOf(record.computerId, rid)?.passwords ?? [];
    return passwords.flatMap(({ text, rotation, attempt }) =>
      left.some((one) => one.text === text)
        ? []
        : [`attempt ${attempt} of ${rotation} of ${record.account} on ${record.computerId} was let go`],
    );
  });
}

/** A rotation is open until its device has reported: nothing else takes its place. */
function forgotten(before: Holdings, after: Holdings): string[] {
  return before.accounts.flatMap(({ record: { computerId, account, open } }) => {
    const now = after.accountOf(computerId, accountRids[account] ?? 0)?.record.open ?? null;
    if (open === null || now === null || now.id === open.id) return [];
    return [`${open.id} of ${account} on ${computerId} is not settled, and ${now.id} is begun`];
  });
}

/** Which passwords each attempt of each rotation had. */
class Passwords {
  /** By device and account: the password at the last look. */
  readonly #last = new Map<string, string>();
  readonly #seen = new Map<string, { readonly texts: Set<string>; may: number }>();

  note({ computerId, name, state }: Device, faults: string[]): void {
    for (const rid of rids) {
      const mark = markOn(state, rid);
      const text = passwordOn(state, rid);
      const place = `${computerId} ${rid}`;
      const isNew = this.#last.get(place) !== text;
      this.#last.set(place, text);
      // One that is made may be set, and not yet said to be.
      if (mark === null || (mark.state !== 'set' && !(mark.state === 'made' && isNew))) continue;
      const key = `${computerId} ${rid} ${mark.id} ${mark.attempt}`;
      const seen = this.#seen.get(key) ?? { texts: new Set(), may: 1 };
      this.#seen.set(key, seen);
      const { size } = seen.texts.add(text);
      if (size <= seen.may) continue;
      seen.may = size;
      faults.push(`attempt ${mark.attempt} of ${mark.id} has ${size} passwords on ${name}`);
    }
  }

  /** Attempts of which the state knows nothing may be made anew. */
  forget({ computerId }: Device, state: MachineState): void {
    for (const rid of rids) this.#last.set(`${computerId} ${rid}`, passwordOn(state, rid));
    for (const [key, seen] of this.#seen) {
      const [id, rid, rotation, attempt] = key.split(' ');
      if (id !== computerId) continue;
      const entry = state.files[`rotation-${rid}-${rotation}`];
      const known = entry === undefined ? 0 : (JSON.parse(entry) as { a: number }).a;
      if (known < Number(attempt)) seen.may += 1;
    }
  }
}
