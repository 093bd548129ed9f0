/** The items that a check can name: those that a device may report, and no other. */
import type { Complaint } from './formats.ts';
import { postureTypes } from './generated/posture.ts';
import { didYouMean } from './near.ts';

export type PostureType = (typeof postureTypes)[string];

/** Null: there is no such item. */
export function postureTypeOf(path: string): PostureType | null {
  return Object.hasOwn(postureTypes, path) ? (postureTypes[path] ?? null) : null;
}

export function posturePathComplaint(path: string): Complaint | null {
  if (postureTypeOf(path) !== null) return null;
  return { code: 'TRUEUP_VALUE', text: 'is no item of the posture', hint: hintFor(path) };
}

/** A whole other word is often meant: then what else its group has. */
function hintFor(path: string): string {
  const paths = Object.keys(postureTypes);
  const near = didYouMean(path, paths);
  if (near !== '') return near;
  const group = `${path.split('.')[0]}.`;
  const siblings = paths.filter((one) => one.startsWith(group));
  return siblings.length === 0 ? ' docs/posture.md lists them all.' : ` There is ${siblings.join(', ')}.`;
}
