import { compareText } from '../../model/sid.ts';
import { accountItems } from './accounts.ts';
import type { Form, Origin, PostureItem } from './item.ts';
import { microsoft, policies, system } from './item.ts';
import { networkItems } from './network.ts';
import { systemItems } from './system.ts';

/** Every item that a device may report, sorted by path. */
export const postureItems: readonly PostureItem[] = [...accountItems, ...networkItems, ...systemItems].toSorted(
  (a, b) => compareText(a.path, b.path),
);

/** Beginnings of registry keys, and the letters that the script knows them by. */
const roots = {
  C: `${system}Control\\`,
  S: `${system}Services\\`,
  P: `${policies}Windows`,
  M: `${microsoft}Windows`,
};
const formLetters: Readonly<Record<string, string>> = { flag: 'b', inverted: 'n', integer: 'i', text: 't' };

/**
 * The same items as the text that `secureone_management.ps1` holds: under a line for each place, `>CLsa`, one line for
 * each reading there, `path form name` and what stands for an absent value. An item that is on several lines has the
 * value of the first of them that finds one.
 */
export function postureTable(): string {
  const places = new Map<string, string[]>();
  for (const { path, readings, absent } of postureItems) {
    for (const [index, { from, form, name }] of readings.entries()) {
      const place = placeOf(from);
      const standIn = absent !== undefined && index === readings.length - 1 ? ` ${absent}` : '';
      places.set(place, [...(places.get(place) ?? []), `${path} ${letterOf(form)} ${name}${standIn}`]);
    }
  }
  return [...places].flatMap(([place, lines]) => [place, ...lines]).join('\n');
}

function placeOf(from: Origin): string {
  if (from.kind === 'policy' || from.kind === 'device') return '>D';
  if (from.kind === 'cim') {
    return `>W${from.class} ${from.namespace.slice('root/'.length)}${from.ofSystemDrive === true ? ' drive' : ''}`;
  }
  for (const [letter, root] of Object.entries(roots)) {
    if (from.key.startsWith(root)) return `>${letter}${from.key.slice(root.length)}`;
  }
  throw new Error(`the script knows no root of ${from.key}`);
}

function letterOf(form: Form): string {
  return formLetters[form] ?? form;
}
