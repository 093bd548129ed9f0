import { describe, expect, it } from 'vitest';
import { keysJson, keysText } from '../../src/render/keys.ts';
import { validator } from './schema.ts';

const sealing = { id: '3fa2c1d09b8e7766', madeAt: '2026-03-02T09:00:00.000Z', here: true, newest: true } as const;
const counts = { passwords: 12, rotationKeys: 1 };

describe('the keys of a store', () => {
  it('are what keys.schema.json says', () => {
    const validate = validator('keys');
    const listing = {
      place: '.trueup/key',
      keys: [
        { ...sealing, ...counts },
        { ...sealing, madeAt: null, ...counts },
      ],
    };
    expect(validate(JSON.parse(keysJson(listing))), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...listing, keys: [sealing] })).toBe(false);
  });

  it('show what is missing, whatever the place is called', () => {
    const lost = { ...sealing, here: false, newest: false, madeAt: null, ...counts };
    expect(keysText({ place: 'a\u001b[2J', keys: [lost] }, { color: false, devices: false })).toBe(
      '  ! 3fa2c1d09b8e7766   12 passwords, 1 key of rotations   not in a\\u{1B}[2J\n',
    );
  });
});
