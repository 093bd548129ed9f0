/** Passwords of simulated devices: as demanded, the same in equal runs, and gone with a snapshot. The rest is in vectors. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openBox, publicKeyText } from '../../../src/endpoint/envelope.ts';
import { parseInventory } from '../../../src/endpoint/inventory.ts';
import { decodeReports } from '../../../src/endpoint/report.ts';
import { parseFleet } from '../../../src/simulator/fleet/file.ts';
import type { SimulatedDevice } from '../../../src/simulator/fleet/fleet.ts';
import { passwordOf } from '../../../src/simulator/windows/password.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

function server(): SimulatedDevice {
  const text = 'devices: [{ name: SRV-1.corp.example, machineSid: S-1-5-21-1-2-3, users: [{ rid: 1001, name: ops }] }]';
  const [device] = parseFleet(text, 'test').devices;
  if (!device) throw new Error('no device');
  return device;
}

interface Rotated {
  readonly changed: boolean | undefined;
  readonly attempt: number;
  readonly passwords: readonly string[];
}

function rotate(device: SimulatedDevice, at: string): Rotated {
  const command =
    '.\\secureone_management.ps1 -Target LocalUser -Action RotatePassword ' +
    `-UserRID '1001' -PublicKey '${publicKeyText(publicKey)}' -RotationId 'r1'`;
  const [report] = decodeReports(device.run(Buffer.from(command, 'utf8').toString('base64'), new Date(at))).reports;
  const data = report?.data as { attempt: number; envelopes: { box: string }[] };
  const passwords = data.envelopes.map(({ box }) => openBox(box, privateKey));
  return { changed: report?.changed, attempt: data.attempt, passwords };
}

function passwordId(device: SimulatedDevice): string | undefined {
  return device.truth().users.find(({ rid }) => rid === 1001)?.passwordId;
}

function sha256(text = ''): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

describe('a rotation on a simulated device', () => {
  it('ends equal runs with equal passwords', () => {
    const [one, other] = [rotate(server(), '2026-03-02T10:00:00Z'), rotate(server(), '2026-03-02T10:00:00Z')];
    expect(one).toEqual(other);
    expect(rotate(server(), '2026-03-02T10:00:01Z').passwords).not.toEqual(one.passwords);
  });

  it('is forgotten, journal and all, by a machine that is put back to before it: the same id has another password then', () => {
    const device = server();
    const [before, restore] = [passwordId(device), device.snapshot()];
    const first = rotate(device, '2026-03-02T10:00:00Z');
    expect(passwordId(device)).toBe(sha256(first.passwords[0]));
    restore();
    expect(passwordId(device)).toBe(before);
    expect(parseInventory(device.inventory())).toMatchObject({ inventory: { rotations: [] } });
    const second = rotate(device, '2026-03-02T11:00:00Z');
    expect(second).toMatchObject({ changed: true, attempt: 1 });
    expect(second.passwords).not.toEqual(first.passwords);
    expect(passwordId(device)).toBe(sha256(second.passwords[0]));
  });

  it('is seen to be undone by a machine that is put back to after it, once somebody set another password', () => {
    const device = server();
    const first = rotate(device, '2026-03-02T10:00:00Z');
    const restore = device.snapshot();
    const marks = (): unknown => {
      const parsed = parseInventory(device.inventory());
      return parsed.kind === 'inventory' && parsed.inventory.rotations.map(({ state }) => state);
    };
    device.disturb({ user: { name: 'ops', password: 'Somebody-Elses 1' } }, new Date('2026-03-02T10:30:00Z'));
    expect(marks()).toEqual(['changed']);
    expect(rotate(device, '2026-03-02T11:00:00Z')).toEqual({ ...first, changed: false });
    restore();
    expect(marks()).toEqual(['set']);
  });
});

describe('a password', () => {
  const count = fc.integer({ min: 0, max: 12 });
  const demands = fc.record({
    MinLength: fc.integer({ min: 8, max: 127 }),
    MinDigits: count,
    MinUppercase: count,
    MinLowercase: count,
    MinSpecial: count,
    ExcludeChars: fc.string({ maxLength: 4 }),
  });

  it('is what is demanded, and has no part of the account’s name', () => {
    fc.assert(
      fc.property(demands, fc.string(), fc.constantFrom('Ops', 'a.bcd-efg', 'ab'), (wanted, seed, name) => {
        const text = Object.entries(wanted).map(([key, value]) => [key, String(value)]);
        const password = passwordOf(Object.fromEntries(text), [name], seed);
        const least = wanted.MinDigits + wanted.MinUppercase + wanted.MinLowercase + wanted.MinSpecial;
        expect(password).toMatch(/^[!-~]+$/);
        expect(password).toHaveLength(Math.max(wanted.MinLength, least));
        const of = (kind: RegExp): number => password.match(kind)?.length ?? 0;
        expect(of(/\d/g)).toBeGreaterThanOrEqual(wanted.MinDigits);
        expect(of(/[A-Z]/g)).toBeGreaterThanOrEqual(wanted.MinUppercase);
        expect(of(/[a-z]/g)).toBeGreaterThanOrEqual(wanted.MinLowercase);
        expect(of(/[^A-Za-z0-9]/g)).toBeGreaterThanOrEqual(wanted.MinSpecial);
        for (const char of wanted.ExcludeChars) expect(password).not.toContain(char);
        for (const part of ['ops', 'bcd', 'efg'].filter((one) => name.toLowerCase().includes(one))) {
          expect(password.toLowerCase()).not.toContain(part);
        }
      }),
    );
  });

  it('takes each character of its alphabet about as often as any other', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 400; index += 1) {
      for (const char of passwordOf({ MinLength: '94' }, [], String(index))) {
        counts.set(char, (counts.get(char) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(94);
    expect(Math.min(...counts.values())).toBeGreaterThan(280);
    expect(Math.max(...counts.values())).toBeLessThan(640);
  });
});
