/** What becomes of a record, step by step. */
import { describe, expect, it } from 'vitest';
import { asked, nextAttempt, pendingOf, refused, sent, sentAgain } from '../../src/rotation/ask.ts';
import {
  acknowledged,
  currentOf,
  handedOut,
  keysToForget,
  recoverable,
  retained,
  revealed,
  rotationsInUse,
} from '../../src/rotation/keep.ts';
import { reported, settled } from '../../src/rotation/report.ts';
import { givenUp, type PasswordSight, seen } from '../../src/rotation/sight.ts';
import { ask, machine, minute, report, rotated, rotation, sealed, states, unheld } from './world.ts';

function set(id: string, attempt = 1): PasswordSight {
  return { mark: { id, attempt, state: 'set' }, passwordSet: '2026-03-02' };
}

describe('asking', () => {
  it('opens a rotation, and while it is open asks for no other', () => {
    const record = ask(unheld, 'r1');
    expect(record.open).toMatchObject({ id: 'r1', askedAt: minute(0) });
    expect(asked(record, rotation('r2', 'endpoint', 9))).toBeNull();
    expect(asked(record, rotation('r1', 'endpoint', 9))).toBe(record);
  });

  it('#193 keeps the old password current until the new one is reported', () => {
    const record = ask(rotated('r1'), 'r2');
    expect(states(record)).toEqual(['r1 1 current']);
    expect(states(reported(record, report('r2'), minute(5)))).toEqual(['r2 1 current', 'r1 1 previous']);
  });
});

describe('a report', () => {
  it('settles its rotation, and is not confirmed by itself', () => {
    const record = reported(ask(unheld, 'r1'), report('r1'), minute(1));
    expect(record).toMatchObject({ open: null, rid: 500, machineSid: machine, demands: 'demands of r1' });
    expect(currentOf(record)).toMatchObject({ confirmed: false, acknowledged: false, keptAt: minute(1) });
  });

  it('keeps the passwords of every attempt, the last of them current', () => {
    const kept = [sealed(1, 'a'), sealed(2, 'b')];
    const record = reported(ask(rotated('r0'), 'r1'), report('r1', { attempt: 2, kept }), minute(1));
    expect(states(record)).toEqual(['r1 2 current', 'r1 1 previous', 'r0 1 previous']);
    expect(record.credentials[2]?.endedAt).toBe(minute(1));
  });

  it('twice says nothing new', () => {
    const record = rotated('r1');
    expect(reported(record, report('r1'), minute(9))).toBe(record);
  });

  it('after the acknowledgement leaves what is held, and settles a rotation that was asked for again', () => {
    const record = { ...acknowledged(rotated('r1'), 'r1'), open: rotation('r1') };
    const after = reported(record, report('r1', { kept: [] }), minute(9));
    expect(states(after)).toEqual(['r1 1 current']);
    expect(currentOf(after)?.acknowledged).toBe(true);
    expect(after.open).toBeNull();
  });

  it('of a password that nobody holds leaves none current, and the earlier ones kept', () => {
    const after = reported(ask(rotated('r1'), 'r2'), report('r2', { kept: [] }), minute(9));
    expect(states(after)).toEqual(['r1 1 previous']);
    expect(after).toMatchObject({ open: null, demands: null });
  });

  it('with another password of the same attempt, as after a return to a snapshot, overwrites nothing', () => {
    const again = report('r1', { kept: [sealed(1, 'other')], setAt: '2026-03-02T01:00:00Z' });
    const after = reported(ask(rotated('r1'), 'r1'), again, minute(9));
    expect(states(after)).toEqual(['r1 1 current', 'r1 1 pending']);
    expect(currentOf(after)?.sealed).toBe('other');
  });

  it('that comes late is kept, and does not take the place of what the device has since', () => {
    const record = rotated('r1', 'r2');
    expect(reported(record, report('r1'), minute(9))).toBe(record);
    const strange = reported(record, report('r1', { kept: [sealed(1, 'other')] }), minute(9));
    expect(states(strange)).toEqual(['r1 1 pending', 'r2 1 current', 'r1 1 previous']);
    const open = ask(record, 'r3');
    expect(reported(open, report('r1', { kept: [sealed(1, 'other')] }), minute(9)).open).toEqual(open.open);
    const newer = reported(ask(record, 'r3'), report('r3', { setAt: '2026-03-02T01:00:00Z' }), minute(9));
    const late = report('r3', { kept: [sealed(1, 'other')], setAt: '2026-03-02T00:30:00Z' });
    expect(currentOf(reported(newer, late, minute(9)))?.sealed).toBe('seal of r3');
  });
});

describe('an inventory', () => {
  it('#193 confirms the password of the rotation that it shows as set', () => {
    const record = seen(rotated('r1'), set('r1'), minute(9));
    expect(currentOf(record)).toMatchObject({ rotation: 'r1', confirmed: true });
    expect(seen(record, set('r1'), minute(10))).toBe(record);
  });

  it.each([
    ['no mark', null],
    ['a rotation that is not ours', { id: 'other', attempt: 1, state: 'set' }],
    ['a password that somebody else has set', { id: 'r1', attempt: 1, state: 'changed' }],
    ['a rotation that is under way', { id: 'r1', attempt: 1, state: 'made' }],
  ] as const)('with %s confirms nothing, and takes nothing away', (_, mark) => {
    const record = seen(rotated('r1'), set('r1'), minute(8));
    const after = seen(record, { mark, passwordSet: '2026-03-02' }, minute(9));
    expect(states(after)).toEqual(['r1 1 current']);
    expect(currentOf(after)?.confirmed).toBe(false);
  });

  it('of a device that was returned to a snapshot makes the earlier password current and keeps both', () => {
    const after = seen(rotated('r1', 'r2'), set('r1'), minute(9));
    expect(states(after)).toEqual(['r2 1 pending', 'r1 1 current']);
    expect(currentOf(after)).toMatchObject({ confirmed: true, endedAt: null });
    // The next rotation settles it.
    const next = reported(ask(after, 'r3'), report('r3'), minute(10));
    expect(states(next)).toEqual(['r3 1 current', 'r2 1 previous', 'r1 1 previous']);
  });

  it('of another rotation than the open one, with which the device cannot go on, lets a new one be asked for', () => {
    const record = ask(rotated('r1'), 'r2');
    const mark = { id: 'other', attempt: 1, state: 'set' } as const;
    const after = givenUp(record, mark);
    expect([after.open, states(after)]).toEqual([null, ['r1 1 current']]);
    expect([givenUp(record, null), givenUp(record, { ...mark, id: 'r2' }), givenUp(unheld, mark)]).toEqual([
      record,
      record,
      unheld,
    ]);
  });

  it('does not settle a password that is on its way', () => {
    const open = asked(rotated('r1'), rotation('c1', 'controller')) ?? unheld;
    const record = sent(open, { sealed: 's', recovery: [], session: 'k1' }, minute(1));
    expect(states(seen(record, set('r1'), minute(2)))).toEqual(['c1 1 pending', 'r1 1 current']);
  });
});

describe('a password that is made here', () => {
  const open = asked(rotated('r1'), rotation('c1', 'controller')) ?? unheld;
  const first = sent(open, { sealed: 's', recovery: [], session: 'k1' }, minute(1));

  it('#193 is pending before it is sent, and current once the device has said so', () => {
    expect(states(first)).toEqual(['c1 1 pending', 'r1 1 current']);
    const pending = pendingOf(first);
    if (pending === null) throw new Error('nothing is pending');
    const said = { rid: 500, machineSid: machine, setAt: '2026-03-03T10:00:00Z' };
    const after = settled(first, said, pending, minute(2));
    expect(states(after)).toEqual(['c1 1 current', 'r1 1 previous']);
    expect(currentOf(after)).toMatchObject({ setAt: '2026-03-03T10:00:00Z', acknowledged: true, session: 'k1' });
    expect(after).toMatchObject({ open: null, demands: 'demands of c1' });
    // The journal of the device shows the rotation before, and calls it changed.
    const mark = { id: 'r1', attempt: 1, state: 'changed' } as const;
    expect(currentOf(seen(after, { mark, passwordSet: '2026-03-03' }, minute(3)))?.confirmed).toBe(true);
    expect(currentOf(seen(after, { mark, passwordSet: '2026-03-04' }, minute(3)))?.confirmed).toBe(false);
    // Of before: the device was returned to a snapshot.
    expect(states(seen(after, set('r1'), minute(3)))).toEqual(['c1 1 pending', 'r1 1 current']);
  });

  it('is the same one when it is sent again, under the key of another session', () => {
    expect(sent(first, { sealed: 'other', recovery: [], session: 'k2' }, minute(2))).toBe(first);
    expect(pendingOf(sentAgain(first, 'k2'))).toMatchObject({ sealed: 's', session: 'k2' });
  });

  it('is followed by another attempt once the device has refused it', () => {
    const after = refused(first, minute(2));
    expect(states(after)).toEqual(['c1 1 previous', 'r1 1 current']);
    expect(after.open?.id).toBe('c1');
    expect(nextAttempt(after)).toBe(2);
    expect(states(sent(after, { sealed: 't', recovery: [], session: 'k2' }, minute(3)))[0]).toBe('c1 2 pending');
  });

  it('is not begun without a rotation that is open', () => {
    expect(sent(unheld, { sealed: 's', recovery: [], session: 'k1' }, minute(1))).toBe(unheld);
    expect(refused(unheld, minute(1))).toBe(unheld);
    expect(sentAgain(unheld, 'k1')).toBe(unheld);
  });
});

describe('keeping', () => {
  it('remembers the first reveal, who took it, and what opens it besides', () => {
    const seal = 'seal of r1';
    const recovery = [{ key: 'k', box: 'b' }];
    const record = recoverable(handedOut(revealed(rotated('r1'), seal, minute(5)), seal, minute(6)), seal, recovery);
    expect(currentOf(revealed(record, seal, minute(7)))).toMatchObject({
      revealedAt: minute(5),
      handedOutAt: minute(6),
      recovery,
    });
  });

  it('lets go of what is old once it is beyond doubt which password the account has', () => {
    const record = rotated('r1', 'r2', 'r3');
    const later = minute(40 * 24 * 60);
    expect(retained(record, 30, later)).toBe(record);
    const confirmed = seen(record, set('r3'), minute(9));
    expect(states(retained(confirmed, 30, later))).toEqual(['r3 1 current']);
    expect(retained(confirmed, 60, later)).toBe(confirmed);
    expect(retained(ask(confirmed, 'r4'), 30, later).credentials).toHaveLength(3);
    const reverted = seen(confirmed, set('r2'), minute(10));
    expect(retained(reverted, 30, later)).toBe(reverted);
  });

  it('forgets a key when no password and no open rotation needs it, and a month has gone by', () => {
    const inUse = new Set([rotated('r1'), ask(acknowledged(rotated('r2'), 'r2'), 'r3')].flatMap(rotationsInUse));
    expect([...inUse]).toEqual(['r1', 'r3', 'r2']);
    const keys = ['r0', 'r1', 'r2', 'r3'].map((id) => ({ id, createdAt: minute(0) }));
    expect(keysToForget(keys, inUse, minute(31 * 24 * 60))).toEqual(['r0']);
    expect(keysToForget(keys, inUse, minute(29 * 24 * 60))).toEqual([]);
  });
});
