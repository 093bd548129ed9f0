/** What devices report of passwords, and what is no such report. */
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/endpoint/json.ts';
import { rotatedPasswordOf, sessionKeyOf, setPasswordOf } from '../../src/endpoint/rotation.ts';

const box = `${'A'.repeat(342)}==`;
const rotated: JsonObject = {
  rid: 500,
  id: 'r1',
  attempt: 2,
  set: '2026-03-02T09:00:00Z',
  envelopes: [
    { a: 1, alg: 'RSA-OAEP-256', box },
    { a: 2, alg: 'RSA-OAEP-256', box },
  ],
};

describe('the report of a rotation', () => {
  it('tells every password that the device has sealed, and which of them is set', () => {
    expect(rotatedPasswordOf(rotated, 'r1')).toEqual({
      rid: 500,
      attempt: 2,
      setAt: '2026-03-02T09:00:00Z',
      boxes: [
        { attempt: 1, box },
        { attempt: 2, box },
      ],
    });
    expect(rotatedPasswordOf({ ...rotated, set: null, envelopes: [] }, 'r1')).toMatchObject({ setAt: null, boxes: [] });
  });

  it('of a device that was asked for weeks, and refused each, tells the newest of what it has sealed', () => {
    const envelopes = Array.from({ length: 3000 }, (_, index) => ({ a: index + 1, alg: 'RSA-OAEP-256', box }));
    const told = rotatedPasswordOf({ ...rotated, attempt: 3000, envelopes }, 'r1');
    expect(told?.boxes.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 100 }, (_, index) => 2901 + index));
  });

  it.each<[string, JsonObject | null]>([
    ['nothing', null],
    ['another rotation', { ...rotated, id: 'r2' }],
    ['no account', { ...rotated, rid: '500' }],
    ['attempt 0', { ...rotated, attempt: 0 }],
    ['a time that is none', { ...rotated, set: 'yesterday' }],
    ['an attempt that is still to come', { ...rotated, attempt: 1 }],
    [
      'one attempt twice',
      {
        ...rotated,
        envelopes: [
          { a: 1, alg: 'RSA-OAEP-256', box },
          { a: 1, alg: 'RSA-OAEP-256', box },
        ],
      },
    ],
    ['another seal', { ...rotated, envelopes: [{ a: 2, alg: 'RSA1_5', box }] }],
    ['a box that is no Base64', { ...rotated, envelopes: [{ a: 2, alg: 'RSA-OAEP-256', box: 'x y' }] }],
    ['a box beyond any length', { ...rotated, envelopes: [{ a: 2, alg: 'RSA-OAEP-256', box: 'A'.repeat(5000) }] }],
    ['something in the place of boxes', { ...rotated, envelopes: { a: 1 } }],
  ])('is not one of %s', (_, data) => {
    expect(rotatedPasswordOf(data, 'r1')).toBeNull();
  });
});

it('tells the key of a session, and when a password was set', () => {
  expect(sessionKeyOf({ publicKey: 'AQAB,AQAB' })).toBe('AQAB,AQAB');
  expect([sessionKeyOf(null), sessionKeyOf({}), sessionKeyOf({ publicKey: 'AQAB' })]).toEqual([null, null, null]);
  expect(setPasswordOf({ rid: 1001, set: null })).toEqual({ rid: 1001, setAt: null });
  expect([setPasswordOf(null), setPasswordOf({ rid: 0, set: null }), setPasswordOf({ rid: 1, set: 5 })]).toEqual([
    null,
    null,
    null,
  ]);
});
