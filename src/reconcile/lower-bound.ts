/** What one class of devices needs: keys of its operations, one member each. */
export interface Need {
  readonly operations: ReadonlySet<string>;
  readonly devices: number;
}

/**
 * Fewer actions than this cannot do it. Two pairs (class, operation) *fool* each other when one of the classes does not
 * need the other's operation: an action for both would target a device that does not need it. So pairs that all fool
 * each other need an action each, and one of a class with more devices than an action can name needs several. The set
 * is found greedily, from a few beginnings: any such set is a bound, the largest is hard to find.
 */
export function lowerBound(needs: readonly Need[], maxTargets: number): number {
  const devices = needs.reduce((sum, need) => sum + need.devices, 0);
  const demand = new Map<string, number>();
  for (const need of needs) for (const key of need.operations) demand.set(key, (demand.get(key) ?? 0) + 1);
  const orders = [
    needs.toSorted((a, b) => a.operations.size - b.operations.size || b.devices - a.devices),
    needs.toSorted((a, b) => b.operations.size - a.operations.size || b.devices - a.devices),
    needs.toSorted((a, b) => b.devices - a.devices),
  ];
  const found = orders.map((order) => foolingActions(order, demand, maxTargets));
  return Math.max(Math.ceil(devices / maxTargets), ...found);
}

interface Pair {
  readonly need: Need;
  readonly operation: string;
}

function foolingActions(needs: readonly Need[], demand: ReadonlyMap<string, number>, maxTargets: number): number {
  const pairs: Pair[] = [];
  let actions = 0;
  for (const need of needs) {
    const rarestFirst = [...need.operations].toSorted((a, b) => (demand.get(a) ?? 0) - (demand.get(b) ?? 0));
    const operation = rarestFirst.find((candidate) => pairs.every((pair) => fools(pair, need, candidate)));
    if (operation === undefined) continue;
    pairs.push({ need, operation });
    actions += Math.ceil(need.devices / maxTargets);
  }
  return actions;
}

function fools(pair: Pair, need: Need, operation: string): boolean {
  return !need.operations.has(pair.operation) || !pair.need.operations.has(operation);
}
