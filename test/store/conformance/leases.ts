import { describe, expect, it } from 'vitest';
import type { Lease, LeaseAnswer, LeaseHolder } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';

const me: LeaseHolder = { host: 'a', pid: 1, started: '1', command: 'apply' };
const you: LeaseHolder = { host: 'a', pid: 2, started: '2', command: 'reconcile' };
const alive = (): boolean => false;

export function leases(given: Given): void {
  describe('lease', () => {
    it('has one holder, until it is released', async () => {
      const first = leaseOf(await given.store.acquire('apply', me, alive));
      expect(await given.store.acquire('apply', you, alive)).toEqual({ heldBy: me });
      expect(await given.store.renew(first)).toBe(true);
      await given.store.release(first);
      const second = leaseOf(await given.store.acquire('apply', you, alive));
      expect(second.token).toBeGreaterThan(first.token);
      expect(second.holder).toEqual(you);
    });

    it('of a dead holder is taken over at once, and the dead cannot renew or release it', async () => {
      const first = leaseOf(await given.store.acquire('apply', me, alive));
      const second = leaseOf(await given.store.acquire('apply', you, (other) => other.pid === me.pid));
      expect(second.token).toBeGreaterThan(first.token);
      expect(await given.store.renew(first)).toBe(false);
      await given.store.release(first);
      expect(await given.store.renew(second)).toBe(true);
      expect(await given.store.acquire('apply', me, alive)).toEqual({ heldBy: you });
    });

    it('tells whoever looks on who has it, unless that one is dead', async () => {
      const reader = await given.under.open({ mode: 'read' });
      expect(await reader.heldBy('apply', alive)).toBeNull();
      const lease = leaseOf(await given.store.acquire('apply', me, alive));
      expect(await reader.heldBy('apply', alive)).toEqual(me);
      expect(await reader.heldBy('apply', (other) => other.pid === me.pid)).toBeNull();
      expect(await reader.heldBy('scan', alive)).toBeNull();
      await given.store.release(lease);
      expect(await reader.heldBy('apply', alive)).toBeNull();
      await reader.close();
    });

    it('is not renewed after its release', async () => {
      const lease = leaseOf(await given.store.acquire('apply', me, alive));
      await given.store.release(lease);
      expect(await given.store.renew(lease)).toBe(false);
    });

    it('of many who ask at once goes to one', async () => {
      const holders = Array.from({ length: 8 }, (_, index) => ({ ...me, pid: index + 10 }));
      const answers = await Promise.all(holders.map((holder) => given.store.acquire('apply', holder, alive)));
      expect(answers.filter((answer) => 'lease' in answer)).toHaveLength(1);
    });

    it('of another provider is another lease', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      leaseOf(await given.store.acquire('apply', me, alive));
      leaseOf(await other.acquire('apply', you, alive));
      await other.close();
    });
  });
}

function leaseOf(answer: LeaseAnswer): Lease {
  if ('lease' in answer) return answer.lease;
  throw new Error(`held by ${answer.heldBy.pid}`);
}
