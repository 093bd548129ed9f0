/** How a sequence of steps is shared out among actions: the one rule for a plan's operations and for commands by hand. */

export interface PartRules<T> {
  /** The last of `items` joined to the one before it, where one item can say both; the order stays. */
  readonly joined: (items: readonly T[]) => readonly T[];
  /** One action can carry these items. */
  readonly fits: (items: readonly T[]) => boolean;
}

/**
 * The atoms in as few consecutive parts as their order allows. A part that does not fit all the same is a single atom,
 * too large by itself.
 */
export function consecutiveParts<T>(atoms: readonly T[], { joined, fits }: PartRules<T>): readonly (readonly T[])[] {
  const parts: (readonly T[])[] = [];
  let part: readonly T[] = [];
  for (const atom of atoms) {
    const longer = joined([...part, atom]);
    if (part.length > 0 && !fits(longer)) {
      parts.push(part);
      part = [atom];
    } else part = longer;
  }
  if (part.length > 0) parts.push(part);
  return parts;
}
