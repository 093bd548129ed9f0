import { expect, test } from 'vitest';
import { parseInventory } from '../../src/endpoint/inventory.ts';
import type { Inventory } from '../../src/model/inventory.ts';
import { lastMemory } from '../../src/reconcile/remembered.ts';

function inventory(build: string): Inventory {
  const text = parseInventory(
    `{"v":1,"os":{"build":"${build}","kind":"server"},"ps":"5.1","lang":"full","users":[],"groups":[],"laps":{"mode":"none","rid":null},"rot":[]}`,
  );
  if (text.kind !== 'inventory') throw new Error(text.message);
  return text.inventory;
}

test('what was made of an inventory serves as long as all else is the same', () => {
  const memoryIn = lastMemory<object>();
  const [one, other] = [inventory('10.0.1'), inventory('10.0.2')];
  const first = memoryIn('today')(one, 'key', () => ({}));
  const again = memoryIn('today');
  expect(again(one, 'key', () => ({}))).toBe(first);
  expect(again(one, 'another key', () => ({}))).not.toBe(first);
  expect(again(other, 'key', () => ({}))).not.toBe(first);
});

test('nothing serves under other circumstances, nor when the earlier ones come back', () => {
  const memoryIn = lastMemory<object>();
  const one = inventory('10.0.1');
  const first = memoryIn('today')(one, 'key', () => ({}));
  const second = memoryIn('tomorrow')(one, 'key', () => ({}));
  expect(second).not.toBe(first);
  expect(memoryIn('today')(one, 'key', () => ({}))).not.toBe(first);
});
