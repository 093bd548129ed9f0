import fc from 'fast-check';
import { expect, it } from 'vitest';
import { classesOf } from '../../src/reconcile/members.ts';
import { type Device, listOf } from '../../src/reconcile/observe.ts';

it('classes of devices have those that were added to each, whatever was added to others in between', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 60 }), (classOf) => {
      const devices = classOf.map((_, place): Device => {
        const computerId = String(1000 - place);
        return { computerId, name: '', label: `PC-${place}`, row: null, text: null, record: null, conflict: null };
      });
      const begin = classesOf(listOf(devices));
      const classes = [begin(), begin(), begin(), begin()];
      for (const [place, index] of classOf.entries()) classes[index]?.add(place);
      for (const [index, one] of classes.entries()) {
        const mine = devices.filter((_, place) => classOf[place] === index);
        expect(one.count).toBe(mine.length);
        expect([...one.labels].toSorted()).toEqual(mine.map(({ label }) => label).toSorted());
        expect(one.devices.map(({ computerId }) => computerId)).toEqual(
          mine.map(({ computerId }) => computerId).toSorted((a, b) => Number(a) - Number(b)),
        );
      }
    }),
  );
});
