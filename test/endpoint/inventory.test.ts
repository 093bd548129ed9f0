import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inventoryText, parseInventory } from '../../src/endpoint/inventory.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { compareText } from '../../src/model/sid.ts';

const exampleText =
  '{"v":1,"os":{"build":"10.0.26100","kind":"workstation"},"ps":"5.1","lang":"full",' +
  '"users":[{"rid":500,"n":"Administrator","fn":"","d":"built in","f":["nx"],"on":false,"lock":false,"exp":null,"set":"2026-02-11"}],' +
  '"groups":[{"sid":"S-1-5-32-544","m":[{"s":"S-1-5-21-1-2-3-512","k":"g","n":"CORP\\\\Domain Admins"},{"s":"~-500","k":"u"}]}],' +
  '"laps":{"mode":"ad","rid":500},"rot":[{"rid":500,"id":"r-1","a":1,"st":"set"}]}';

const rid = fc.integer({ min: 500, max: 0xffff_ffff });
const anySid = fc.oneof(
  rid.map((n) => `~-${n}`),
  rid.map((n) => `S-1-5-21-1004336348-1177238915-682003330-${n}`),
  fc.constantFrom('S-1-5-32-544', 'S-1-12-1-1-2-3-4', 'S-1-1-0'),
);
const day = fc.option(fc.constantFrom('2026-02-11', '1999-12-31'), { nil: null });
const text = fc.string({ unit: 'binary', maxLength: 30 });

const inventories: fc.Arbitrary<Inventory> = fc.record({
  os: fc.record({
    build: fc.constantFrom('10.0.26100', '6.3.9600'),
    kind: fc.constantFrom('workstation', 'server', 'dc'),
  }),
  powershell: fc.constantFrom('5.1', '4.0'),
  language: fc.constantFrom('full', 'constrained'),
  bits: fc.constantFrom(32, 64, null),
  localAccounts: fc.constantFrom(true, false, null),
  users: fc
    .uniqueArray(
      fc.record({
        rid,
        name: text,
        fullName: text,
        description: text,
        flags: fc.subarray(['nc', 'nr', 'nx'] as const),
        enabled: fc.boolean(),
        locked: fc.boolean(),
        expires: day,
        passwordSet: day,
      }),
      { selector: (user) => user.rid, maxLength: 6 },
    )
    .map((users) => users.toSorted((a, b) => a.rid - b.rid)),
  groups: fc
    .uniqueArray(
      fc.record({
        sid: anySid,
        members: fc
          .uniqueArray(
            fc.record({
              sid: anySid,
              kind: fc.constantFrom('u', 'g', 'c', 'x'),
              name: fc.option(text, { nil: null }),
            }),
            { selector: (member) => member.sid, maxLength: 6 },
          )
          .map((members) => members.toSorted((a, b) => compareText(a.sid, b.sid))),
      }),
      { selector: (group) => group.sid, maxLength: 4 },
    )
    .map((groups) => groups.toSorted((a, b) => compareText(a.sid, b.sid))),
  laps: fc.record({
    mode: fc.constantFrom('none', 'ad', 'entra', 'legacy'),
    rid: fc.option(rid, { nil: null }),
  }),
  rotations: fc.constantFrom([], [{ rid: 500, id: 'r-1', attempt: 2, state: 'changed' as const }]),
}) as fc.Arbitrary<Inventory>;

function messageOf(answer: string): string {
  const parsed = parseInventory(answer);
  return parsed.kind === 'inventory' ? 'an inventory' : `${parsed.kind}: ${parsed.message}`;
}

function altered(change: (json: Record<string, any>) => void): string {
  const json = JSON.parse(exampleText);
  change(json);
  return JSON.stringify(json);
}

describe('the inventory text', () => {
  it('is written with fixed keys, sorted, and read again unchanged', () => {
    const parsed = parseInventory(exampleText);
    expect(parsed.kind).toBe('inventory');
    if (parsed.kind === 'inventory') expect(inventoryText(parsed.inventory)).toBe(exampleText);
  });

  it('is one line of ASCII, from which the same inventory is read', () => {
    fc.assert(
      fc.property(inventories, (inventory) => {
        const written = inventoryText(inventory);
        expect(written).toMatch(/^[\x20-\x7e]+$/);
        expect(parseInventory(written)).toEqual({ text: written, kind: 'inventory', inventory });
      }),
    );
  });

  it('is the same whatever the order that SAM answered in', () => {
    fc.assert(
      fc.property(inventories, (inventory) => {
        const shuffled: Inventory = {
          ...inventory,
          users: inventory.users.toReversed(),
          groups: inventory.groups.toReversed().map((group) => ({ ...group, members: group.members.toReversed() })),
        };
        expect(inventoryText(shuffled)).toBe(inventoryText(inventory));
      }),
    );
  });
});

describe('an answer of the sensor', () => {
  it('#50 of another platform is a marker, not a failure to parse', () => {
    expect(messageOf('Not available on Linux')).toBe('not-windows: another platform');
  });

  it.each([
    '[no results]',
    '[current result unavailable]',
    '[results currently unavailable]',
    '',
    ' \r\n',
    'TSE-Error: Failed',
  ])('that says nothing is no answer: %j', (answer) => {
    expect(parseInventory(answer).kind).toBe('no-answer');
  });

  it('of another sensor is malformed, also when it is JSON', () => {
    expect(messageOf('{"admins":["CORP\\\\x"]}')).toBe('malformed: JSON, but not of this sensor');
    expect(messageOf('[1,2]')).toBe('malformed: JSON, but not of this sensor');
    expect(messageOf('null')).toBe('malformed: JSON, but not of this sensor');
    expect(messageOf('CORP\\helpdesk')).toBe('malformed: neither JSON nor a known marker; perhaps cut');
  });

  it('that was cut at any place is malformed', () => {
    for (let length = 1; length < exampleText.length; length += 1) {
      expect(parseInventory(exampleText.slice(0, length)).kind).toBe('malformed');
    }
  });

  it.each([
    ['a newer version', (j) => (j['v'] = 2), 'version 2 of the inventory is not known'],
    ['a missing operating system', (j) => delete j['os'], 'inventory.os is not an object'],
    ['an unknown kind', (j) => (j['os'].kind = 'router'), 'inventory.os.kind is not one of workstation, server, dc'],
    ['a RID of zero', (j) => (j['users'][0].rid = 0), 'inventory.users[0].rid is not a relative identifier'],
    ['a RID as text', (j) => (j['users'][0].rid = '500'), 'inventory.users[0].rid is not a relative identifier'],
    ['on as a number', (j) => (j['users'][0].on = 1), 'inventory.users[0].on is not true or false'],
    [
      'a time for a day',
      (j) => (j['users'][0].set = '2026-02-11T10:00Z'),
      'inventory.users[0].set is not a day or null',
    ],
    ['an unknown flag', (j) => (j['users'][0].f = ['xx']), 'inventory.users[0].f is not a list of nx, nc, nr'],
    ['a member without SID', (j) => delete j['groups'][0].m[0].s, 'inventory.groups[0].m[0].s is not a SID'],
    ['a malformed SID', (j) => (j['groups'][0].m[0].s = 'S-1-5-'), 'inventory.groups[0].m[0].s is not a SID'],
    ['one account twice', (j) => j['users'].push(j['users'][0]), 'inventory.users names one thing twice'],
    [
      'one member twice',
      (j) => j['groups'][0].m.push(j['groups'][0].m[0]),
      'inventory.groups[0].m names one thing twice',
    ],
    ['groups that are no list', (j) => (j['groups'] = {}), 'inventory.groups is not a list'],
    [
      'an endless name',
      (j) => (j['users'][0].n = 'x'.repeat(5000)),
      'inventory.users[0].n is not a text of at most 4096 characters',
    ],
  ] as [string, (json: Record<string, any>) => unknown, string][])(
    'with %s is malformed and says where',
    (_, change, message) => {
      expect(messageOf(altered(change))).toBe(`malformed: ${message}`);
    },
  );

  it('an orphan and a member with an empty name are data', () => {
    const parsed = parseInventory(
      altered((json) =>
        json['groups'][0].m.push({ s: 'S-1-5-21-9-9-9-1', k: 'x' }, { s: 'S-1-5-21-9-9-9-2', k: 'u', n: '' }),
      ),
    );
    expect(parsed.kind).toBe('inventory');
    if (parsed.kind !== 'inventory') return;
    expect(parsed.inventory.groups[0]?.members.slice(1, 3)).toEqual([
      { sid: 'S-1-5-21-9-9-9-1', kind: 'x', name: null },
      { sid: 'S-1-5-21-9-9-9-2', kind: 'u', name: '' },
    ]);
  });

  it('whose script wrote its lists in another order is read sorted, with one object for all groups that nobody is in', () => {
    const groupsOf = (answer: string): Inventory['groups'] => {
      const parsed = parseInventory(answer);
      return parsed.kind === 'inventory' ? parsed.inventory.groups : [];
    };
    const empty = (sid: string): object => ({ sid, m: [] });
    const withGroups = (...sids: readonly string[]): string => {
      const json = JSON.parse(exampleText) as { groups: object[] };
      return JSON.stringify({ ...json, groups: [...sids.map(empty), ...json.groups] });
    };
    const one = groupsOf(withGroups('S-1-5-32-555', 'S-1-5-32-551'));
    const other = groupsOf(withGroups('S-1-5-32-551'));
    expect(one.map(({ sid }) => sid)).toEqual(['S-1-5-32-544', 'S-1-5-32-551', 'S-1-5-32-555']);
    expect(one[1]).toBe(other[1]);
    expect(one[1]).toEqual({ sid: 'S-1-5-32-551', members: [] });
  });

  it('never makes the parser throw', () => {
    const mutated = fc
      .tuple(fc.nat(exampleText.length), fc.nat(10), fc.string({ maxLength: 10 }))
      .map(([at, drop, insert]) => exampleText.slice(0, at) + insert + exampleText.slice(at + drop));
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (answer) => {
        expect(['inventory', 'not-windows', 'no-answer', 'malformed']).toContain(parseInventory(answer).kind);
      }),
      { numRuns: 500 },
    );
    expect(parseInventory('['.repeat(200_000)).kind).toBe('malformed');
    expect(parseInventory('{"v":1,"users":[{"__proto__":{"rid":500}}]}').kind).toBe('malformed');
  });
});
