/** What is equal is compared once: a larger fleet is no more work for the diff, as long as nothing about it is new. */
import { expect, it } from 'vitest';
import type { Inventory } from '../../src/model/inventory.ts';
import type { ObservedText } from '../../src/model/observed.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  domainAdmins,
  inputOf,
  inventory,
  member,
  membership,
  pattern,
  recovery,
} from './world.ts';

const states = [
  inventory({ admins: [domainAdmins, contractor] }),
  inventory({ users: [{ ...breakglass, enabled: false }] }),
];

/** How often a plan of so many devices reads of an inventory, and how many changes it comes to. */
function readsOf(devices: number, parts: Parameters<typeof computer>[1][] = []): { reads: number; changed: number } {
  let reads = 0;
  const watched = (one: Inventory): Inventory =>
    new Proxy(one, {
      get(target, key) {
        reads += 1;
        return Reflect.get(target, key);
      },
    });
  const seen = Array.from({ length: devices }, (_, index) => {
    const state = states[index % states.length];
    return { id: String(index + 1), ...(state === undefined ? {} : { state }) };
  });
  const input = inputOf({
    desired: {
      computers: [
        computers({ recovery: recovery(domainAdmins) }),
        computers({ name: 'some', priority: 1, selector: { name: [pattern('SRV-*0')] }, attribution: true }),
      ],
      memberships: [membership({ mode: 'exact', members: [member(domainAdmins)] })],
      accounts: [account({ enabled: true, properties: { Description: 'd' } })],
    },
    recorded: { computers: seen.map(({ id }, index) => computer(id, parts[index] ?? {})) },
    seen,
  });
  const texts = input.observation.texts.map(
    (text): ObservedText => (text.kind === 'inventory' ? { ...text, inventory: watched(text.inventory) } : text),
  );
  const { plan } = reconcile({ ...input, observation: { ...input.observation, texts } });
  return { reads, changed: plan.changes.reduce((sum, { devices: own }) => sum + own.length, 0) };
}

/** Reading which kind of system a device has is all that is done for each. */
it('devices that are equal are one comparison, however many they are', () => {
  const [few, many] = [readsOf(20), readsOf(2000)];
  const perDevice = (many.reads - few.reads) / 1980;
  expect(many.changed).toBe(100 * few.changed);
  expect(perDevice).toBeLessThanOrEqual(1);
});

it('a device of which something else is known is one comparison more', () => {
  const plain = readsOf(200).reads;
  const one = readsOf(200, [{ sessions: [contractor] }]).reads;
  const same = readsOf(
    200,
    Array.from({ length: 100 }, (_, index) => (index % 2 === 0 ? { sessions: [contractor] } : {})),
  ).reads;
  expect(one).toBeGreaterThan(plain);
  expect(same).toBe(one);
});
