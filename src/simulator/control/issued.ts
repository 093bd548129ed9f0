/** Every action as a test wants to see it: what was to be done, and on which devices. */
import { CommandRefused, decodeParameter } from '../../endpoint/parse.ts';
import type { Action } from '../actions/action.ts';
import type { Cloud } from '../cloud.ts';
import { parametersIn } from '../content/parameter-definition.ts';

export interface IssuedAction {
  readonly id: number;
  readonly name: string;
  /** The name that the operator gave it. */
  readonly package: string;
  /** By label; a value that is a command of the contract is decoded, one command a line. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Computer IDs, ascending, whether or not the device is connected. */
  readonly targets: readonly number[];
  readonly issuedAt: string;
}

export function issuedActions(cloud: Cloud): readonly IssuedAction[] {
  return cloud.actions.all().map(issued);
}

function issued({ id, name, package: { wire }, targets, madeAt }: Action): IssuedAction {
  const labels = new Map(parametersIn(wire.parameter_definition).map(({ key, label }) => [key, label]));
  return {
    id,
    name,
    package: wire.name,
    parameters: Object.fromEntries(wire.parameters.map(({ key, value }) => [labels.get(key) ?? key, decoded(value)])),
    targets: targets.map(({ computerId }) => computerId).toSorted((a, b) => a - b),
    issuedAt: new Date(madeAt).toISOString(),
  };
}

function decoded(value: string): string {
  try {
    return decodeParameter(value);
  } catch (error) {
    if (error instanceof CommandRefused) return value;
    throw error;
  }
}
