import { describe, expect, it } from 'vitest';
import type { AccountCredentials, Credential, RotationKey } from '../../../src/model/credential.ts';
import type { Given } from '../conformance.ts';
import { collect, hostile } from '../samples.ts';

export function aCredential(rotation: string, more: Partial<Credential> = {}): Credential {
  return {
    rotation,
    attempt: 1,
    state: 'current',
    sealed: `sealed ${rotation}`,
    recovery: [{ key: 'SHA256:abc', box: 'a box' }],
    setAt: '2026-03-02T09:00:00Z',
    keptAt: '2026-03-02T09:00:10.000Z',
    endedAt: null,
    confirmed: false,
    acknowledged: false,
    revealedAt: null,
    session: null,
    handedOutAt: null,
    ...more,
  };
}

export function anAccount(computerId: string, more: Partial<AccountCredentials> = {}): AccountCredentials {
  return {
    computerId,
    account: 'builtin',
    rid: 500,
    machineSid: 'S-1-5-21-1-2-3',
    revision: 0,
    open: null,
    demands: 'd1',
    credentials: [aCredential('a1b2c3d4e5f6')],
    ...more,
  };
}

export function aRotationKey(id: string, more: Partial<RotationKey> = {}): RotationKey {
  return { id, createdAt: '2026-03-02T09:00:00.000Z', publicKey: 'n,e', sealed: `sealed key of ${id}`, ...more };
}

export function passwords(given: Given): void {
  async function kept(computerIds?: readonly string[]): Promise<AccountCredentials[]> {
    return collect(given.store.credentials(computerIds));
  }

  describe('what is kept of passwords', () => {
    it('comes back as it was given, with the next revision, by device and account', async () => {
      const records = [
        anAccount('2'),
        anAccount('10', { account: 'ops', rid: null, machineSid: null }),
        anAccount('10'),
      ];
      expect(await given.store.putCredentials(records)).toEqual([]);
      const [two, ops, builtin] = records.map((record) => ({ ...record, revision: 1 }));
      expect(await kept()).toEqual([builtin, ops, two]);
      const open = {
        id: 'f6e5d4c3b2a1',
        generator: 'endpoint',
        askedAt: '2026-03-02T10:00:00.000Z',
        demands: 'd2',
      } as const;
      expect(await given.store.putCredentials([{ ...anAccount('2'), revision: 1, open }])).toEqual([]);
      expect(await kept(['2'])).toEqual([{ ...anAccount('2'), revision: 2, open }]);
    });

    it('is of the devices that are asked for', async () => {
      await given.store.putCredentials(['1', '2', '3'].map((id) => anAccount(id)));
      const ids = async (asked: readonly string[]): Promise<string[]> =>
        (await kept(asked)).map(({ computerId }) => computerId);
      expect(await ids(['3', '1', '3', '99'])).toEqual(['1', '3']);
      expect(await ids([])).toEqual([]);
      expect(await ids(Array.from({ length: 2500 }, (_, index) => String(index + 2)))).toEqual(['2', '3']);
    });

    it('is written by one of two who read the same, and the other is told', async () => {
      expect(await given.store.putCredentials([anAccount('1', { demands: 'first' })])).toEqual([]);
      const late = anAccount('1', { demands: 'late' });
      expect(await given.store.putCredentials([late, anAccount('2')])).toEqual([late]);
      const [read] = await kept(['1']);
      const second = { ...anAccount('1'), revision: 1, demands: 'second' };
      const overtaken = { ...anAccount('1'), revision: 1, demands: 'overtaken' };
      expect(await given.store.putCredentials([second])).toEqual([]);
      expect(await given.store.putCredentials([overtaken])).toEqual([overtaken]);
      const unknown = { ...anAccount('3'), revision: 4 };
      expect(await given.store.putCredentials([unknown])).toEqual([unknown]);
      expect(read?.demands).toBe('first');
      expect((await kept()).map(({ computerId, demands, revision }) => [computerId, demands, revision])).toEqual([
        ['1', 'second', 2],
        ['2', 'd1', 1],
      ]);
    });

    it('is written once by two at one time', async () => {
      const other = await given.under.open();
      const results = await Promise.all([
        given.store.putCredentials([anAccount('1', { demands: 'one' })]),
        other.putCredentials([anAccount('1', { demands: 'other' })]),
      ]);
      expect(results.map((refused) => refused.length).toSorted()).toEqual([0, 1]);
      expect(await kept()).toMatchObject([{ revision: 1, demands: results[0].length === 0 ? 'one' : 'other' }]);
      await other.close();
    });

    it.each(hostile)('may be of an account and a device called %j', async (name) => {
      const records = [anAccount(name, { account: name }), anAccount(name, { account: `${name}2` })];
      expect(await given.store.putCredentials(records)).toEqual([]);
      const back = await kept([name]);
      expect(back.map(({ account }) => account).toSorted()).toEqual([name, `${name}2`].toSorted());
      expect(await given.store.putCredentials(back)).toEqual([]);
      expect((await kept()).map(({ revision }) => revision)).toEqual([2, 2]);
    });

    it('of another provider is another', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      await other.putCredentials([anAccount('1', { demands: 'theirs' })]);
      expect(await kept()).toEqual([]);
      await given.store.putCredentials([anAccount('1', { demands: 'ours' })]);
      expect((await kept()).map(({ demands }) => demands)).toEqual(['ours']);
      expect((await collect(other.credentials())).map(({ demands }) => demands)).toEqual(['theirs']);
      await other.close();
    });

    it('of more accounts than fit one page comes whole', async () => {
      const records = Array.from({ length: 1203 }, (_, index) =>
        anAccount(String(index % 401), { account: `account ${index}` }),
      );
      expect(await given.store.putCredentials(records)).toEqual([]);
      const names = ({ computerId, account }: AccountCredentials): string => `${computerId} ${account}`;
      const order = records.toSorted(
        (a, b) =>
          Number(a.computerId > b.computerId) - Number(a.computerId < b.computerId) || (a.account > b.account ? 1 : -1),
      );
      expect((await kept()).map(names)).toEqual(order.map(names));
    });
  });

  describe('keys of rotations', () => {
    it('are kept as they were given first, and ordered by id', async () => {
      await given.store.putRotationKey(aRotationKey('b'));
      await given.store.putRotationKey(aRotationKey('a'));
      await given.store.putRotationKey(aRotationKey('b', { sealed: 'another', publicKey: 'another' }));
      expect(await given.store.rotationKey('b')).toEqual(aRotationKey('b'));
      expect(await given.store.rotationKey('c')).toBeNull();
      expect(await collect(given.store.rotationKeys())).toEqual([aRotationKey('a'), aRotationKey('b')]);
    });

    it('get another seal only where they have the one that was opened', async () => {
      await given.store.putRotationKey(aRotationKey('a'));
      expect(await given.store.resealRotationKey('a', 'sealed key of a', 'anew')).toBe(true);
      expect(await given.store.resealRotationKey('a', 'sealed key of a', 'late')).toBe(false);
      expect(await given.store.resealRotationKey('b', 'sealed key of b', 'anew')).toBe(false);
      expect(await collect(given.store.rotationKeys())).toEqual([aRotationKey('a', { sealed: 'anew' })]);
    });

    it('go when they are removed, and those of another provider stay', async () => {
      const other = await given.under.open({ provider: 'Test Tanium' });
      for (const id of ['a', 'b', 'c']) await given.store.putRotationKey(aRotationKey(id));
      await other.putRotationKey(aRotationKey('a', { sealed: 'theirs' }));
      await given.store.removeRotationKeys(['a', 'c', 'd']);
      expect(await collect(given.store.rotationKeys())).toEqual([aRotationKey('b')]);
      expect(await other.rotationKey('a')).toEqual(aRotationKey('a', { sealed: 'theirs' }));
      await other.close();
    });
  });

  it('tells of which providers it keeps anything sealed', async () => {
    expect(await given.store.sealedProviders()).toEqual([]);
    const names = ['Test Tanium', 'Ä $where. \ud800'];
    for (const [index, provider] of names.entries()) {
      const other = await given.under.open({ provider });
      if (index === 0) await other.putRotationKey(aRotationKey('a'));
      else await other.putCredentials([anAccount('1'), anAccount('2')]);
      await other.close();
    }
    expect(await given.store.sealedProviders()).toEqual(names.toSorted());
    await given.store.putCredentials([anAccount('1')]);
    expect(await given.store.sealedProviders()).toEqual([...names, 'Production Tanium'].toSorted());
  });
}
