import { describe, expect, it } from 'vitest';
import type { RecordedComputer } from '../../../src/model/recorded.ts';
import type { Store } from '../../../src/ports.ts';
import type { Given } from '../conformance.ts';
import { collect, hostileText } from '../samples.ts';

export function computers(given: Given): void {
  describe('computers', () => {
    it('come in the order of their ids, with nothing known beside the record', async () => {
      const ids = await given.under.seedComputers([
        { computerId: '30', name: 'PC-3' },
        { computerId: '10', name: 'PC-1' },
        { computerId: '20', name: 'PC-2' },
      ]);
      const computers = await collect(given.store.computers());
      expect(computers.map(({ id }) => id)).toEqual(ids.toSorted());
      expect(computers.map(({ name }) => name).toSorted()).toEqual(['PC-1', 'PC-2', 'PC-3']);
      expect(computers[0]).toMatchObject({
        scan: false,
        protect: 'Disabled',
        offlineAccess: 'Unmanaged',
        edrIntegration: null,
        machineSid: null,
        identityConflict: null,
        lastSeenAt: null,
        appliedSignature: null,
        failedSubjects: [],
        pendingUntil: null,
        sessions: [],
      });
    });

    it('#109 to #115 take on each setting by itself', async () => {
      const [a = '', b = ''] = await given.under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
      ]);
      await given.store.change([
        { id: a, scan: true, protect: 'JITA', edrIntegration: 'Production Tanium' },
        { id: b, protect: 'Deny' },
      ]);
      expect((await computersById(given.store)).get(a)).toMatchObject({
        scan: true,
        protect: 'JITA',
        edrIntegration: 'Production Tanium',
      });
      expect((await computersById(given.store)).get(b)).toMatchObject({
        scan: false,
        protect: 'Deny',
        edrIntegration: null,
      });
      await given.store.change([{ id: b, protect: 'Disabled' }, { id: a }]);
      expect((await computersById(given.store)).get(b)).toMatchObject({ protect: 'Disabled' });
    });

    it('of another provider are not ours', async () => {
      const [a = ''] = await given.under.seedComputers([
        { computerId: '1', name: 'A' },
        { computerId: '2', name: 'B' },
      ]);
      await given.store.change([{ id: a, edrIntegration: 'Test Tanium' }]);
      expect((await collect(given.store.computers())).map(({ name }) => name)).toEqual(['B']);
    });

    it('C4 are ours where the provider is named by its kind', async () => {
      const [a = ''] = await given.under.seedComputers([{ computerId: '1', name: 'A' }]);
      await given.store.change([{ id: a, edrIntegration: 'tanium_cloud' }]);
      expect((await computersById(given.store)).get(a)?.edrIntegration).toBe('tanium_cloud');
    });

    it('that are not there are refused by name, and none is written', async () => {
      const [a = ''] = await given.under.seedComputers([{ computerId: '1', name: 'A' }]);
      const changes = [
        { id: a, scan: true },
        { id: 'nobody', scan: true },
      ];
      await expect(given.store.change(changes)).rejects.toMatchObject({
        code: 'TRUEUP_STORE_INVALID',
        message: expect.stringContaining('nobody'),
      });
      expect((await computersById(given.store)).get(a)?.scan).toBe(false);
    });

    it('keep notes field by field, apart from the settings', async () => {
      const [a = ''] = await given.under.seedComputers([{ computerId: '1', name: 'A' }]);
      await given.store.note([{ id: a, computerId: '1', machineSid: 'S-1-5-21-1-2-3', appliedSignature: 'f00' }]);
      await given.store.note([
        { id: a, identityConflict: hostileText, failedSubjects: ['account.enable $where.a\ud800'] },
      ]);
      const inUse = { 'account.disable account=$where.a\ud800': { at: '2026-03-02T09:00:00Z', message: hostileText } };
      await given.store.note([{ id: a, pendingUntil: '2026-03-02T10:00:00.000Z', inUse }]);
      await given.store.change([{ id: a, scan: true }]);
      expect((await computersById(given.store)).get(a)).toMatchObject({
        scan: true,
        computerId: '1',
        machineSid: 'S-1-5-21-1-2-3',
        appliedSignature: 'f00',
        identityConflict: hostileText,
        failedSubjects: ['account.enable $where.a\ud800'],
        pendingUntil: '2026-03-02T10:00:00.000Z',
        inUse,
      });
      await given.store.note([{ id: a, identityConflict: null, failedSubjects: [], pendingUntil: null, inUse: {} }]);
      expect((await computersById(given.store)).get(a)).not.toHaveProperty('inUse');
      expect((await computersById(given.store)).get(a)).toMatchObject({
        machineSid: 'S-1-5-21-1-2-3',
        identityConflict: null,
        failedSubjects: [],
        pendingUntil: null,
      });
    });

    it('refer to facets that are kept under their signature, whatever accounts are called', async () => {
      const facets = {
        'account a.b enabled': 'true',
        'account $where enabled': 'false',
        __proto__x: '1',
        'a\ud800': '2',
      };
      await given.store.saveApplied('s1', facets);
      await given.store.saveApplied('s2', {});
      await given.store.saveApplied('s2', { again: 'x' });
      expect([...(await given.store.applied())]).toEqual([
        ['s1', facets],
        ['s2', { again: 'x' }],
      ]);
    });
  });
}

async function computersById(store: Store): Promise<Map<string, RecordedComputer>> {
  return new Map((await collect(store.computers())).map((computer) => [computer.id, computer]));
}
