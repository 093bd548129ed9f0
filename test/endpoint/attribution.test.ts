import { describe, expect, it } from 'vitest';
import { attributionCommand, attributionOf } from '../../src/endpoint/attribution.ts';
import { complaintAbout } from '../../src/endpoint/command.ts';
import { encodedLength } from '../../src/endpoint/encode.ts';

const event = {
  id: 4732,
  at: '2026-03-02T08:00:00Z',
  by: 'S-1-5-21-1-2-3-1105',
  byName: 'CORP\\helpdesk-7',
  group: 'S-1-5-32-544',
  member: '~-1001',
};

describe('the read of a log', () => {
  it('is a command of the contract, wide or narrow, and asks for no name that may be gone', () => {
    for (const read of [{}, { group: 'S-1-5-32-544' }, { rid: 500 }, { group: 'S-1-5-32-544', rid: 500 }]) {
      const command = attributionCommand(read);
      expect(complaintAbout(command)).toBeNull();
      expect(command.parameters).not.toHaveProperty('UserNameB64');
    }
  });

  it('counts among the commands and characters of an action', () => {
    const one = { kind: 'account.enable', account: { rid: 500 } } as const;
    const most = Array.from({ length: 64 }, () => one);
    expect(encodedLength(most)).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(encodedLength(most, {})).toBe(Number.POSITIVE_INFINITY);
    expect(encodedLength([one], {})).toBeGreaterThan(encodedLength([one]) + 60);
  });
});

describe('what the log tells', () => {
  it('is read as it is told, newest first', () => {
    const older = {
      id: 4725,
      at: '2026-03-01T08:00:00Z',
      by: '~-500',
      byName: 'SRV-1\\Administrator',
      account: '~-1001',
    };
    expect(attributionOf({ complete: true, events: [older, event] })).toEqual({
      complete: true,
      events: [
        { ...event, group: undefined, target: event.group, name: null },
        { ...older, account: undefined, target: '~-1001', member: null, name: null },
      ],
    });
    expect(attributionOf({ complete: false, events: [] })).toEqual({ complete: false, events: [] });
  });

  it('is not whole where something of it is no event, and of that nothing is believed', () => {
    const hostile: readonly unknown[] = [
      null,
      'text',
      { ...event, by: 'nobody' },
      { ...event, by: "S-1-5-18'; DROP" },
      { ...event, at: 'yesterday' },
      { ...event, at: '2026-99-99T08:00:00Z' },
      { ...event, group: 7 },
      { ...event, member: '\u0000' },
      { ...event, id: '4732' },
      { ...event, name: 'x'.repeat(300) },
    ];
    for (const one of hostile) {
      expect(attributionOf({ complete: true, events: [one, event] as never })).toMatchObject({
        complete: false,
        events: [{ id: 4732 }],
      });
    }
    const many = Array.from({ length: 1000 }, () => event);
    expect(attributionOf({ complete: true, events: many })?.events).toHaveLength(50);
    for (const data of [
      null,
      {},
      { complete: true },
      { complete: 'yes', events: [] },
      { complete: true, events: {} },
    ]) {
      expect(attributionOf(data as never)).toBeNull();
    }
  });

  it('has no name where Windows did not know one', () => {
    for (const byName of ['-\\-', '\\', 'CORP\\', '\\x', '-\\x', '', 'plain', null, 7, 'x'.repeat(300), 'A\\\ud800']) {
      const told = attributionOf({ complete: true, events: [{ ...event, byName }] as never });
      expect(told?.events).toMatchObject([{ byName: null, by: event.by }]);
    }
  });
});
