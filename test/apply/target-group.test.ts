/** One action for more devices than a text can name: it goes to a group, which is gone when the action is over. */
import { describe, expect, it } from 'vitest';
import type { Applied } from '../../src/apply/apply.ts';
import type { RunContext } from '../../src/apply/context.ts';
import type { FleetActions } from '../../src/fleet-ports.ts';
import type { Store } from '../../src/ports.ts';
import { applyAll, type Cloud, cloud } from './world.ts';

const named = 905;
/** By Computer ID; the last two share their name. */
const fleet = `devices: [${Array.from({ length: named + 2 }, (_, at) => {
  const name = at < named ? `srv-${at}` : 'twin';
  return `{ name: ${name}.corp.example, computerId: ${at + 1} }`;
}).join(', ')}]`;

/** All devices differ from it, whatever was declared before. */
function described({ desired, ...context }: RunContext, description: string): RunContext {
  const accounts = desired.accounts.map((policy) => ({ ...policy, properties: { Description: description } }));
  return { ...context, desired: { ...desired, accounts } };
}

async function convergedFleet(): Promise<Cloud> {
  const at = await cloud({ fleet, drift: 0, pace: 0.05 });
  expect((await applyAll(at.context)).exitCode).toBe(0);
  return at;
}

/** Manual groups that are there, by their names. */
async function groupsOf({ api }: Pick<Cloud, 'api'>): Promise<readonly string[]> {
  const groups: readonly { readonly name?: string; readonly type?: number }[] = await api('GET', 'computer_groups');
  return groups.flatMap(({ name, type }) => (type === 4 && name !== undefined ? [name] : []));
}

interface Sent {
  readonly name: string;
  readonly targets: readonly unknown[];
}

const never = new Promise<never>(() => {});
type Effect = 'makeGroup' | 'issue' | 'removeGroup' | 'putEntry';

/** In the order in which a run comes by: the second action is that of the group, the fourth entry has its id. */
const deaths: readonly (readonly ['before' | 'after', Effect, number])[] = [
  ['before', 'makeGroup', 1],
  ['after', 'makeGroup', 1],
  ['after', 'issue', 2],
  ['after', 'putEntry', 4],
  ['before', 'removeGroup', 1],
  ['after', 'removeGroup', 1],
];

/** A process that dies before this effect, or after it: nothing that it awaits comes any more. */
function mortal(context: RunContext, [moment, effect, nth]: (typeof deaths)[number]) {
  const { promise: death, resolve: die } = Promise.withResolvers<'dead'>();
  let [dead, count] = [false, 0];
  const end = (): Promise<never> => {
    dead = true;
    die('dead');
    return never;
  };
  const bounded =
    <Values extends readonly unknown[], Answer>(name: Effect, call: (...values: Values) => Promise<Answer>) =>
    async (...values: Values): Promise<Answer> => {
      if (dead) return never;
      if (name === effect) count += 1;
      const isIt = name === effect && count === nth;
      if (isIt && moment === 'before') return end();
      const answer = await call(...values);
      return isIt || dead ? end() : answer;
    };
  const { makeGroup, issue, removeGroup } = context.actions;
  const actions: FleetActions = {
    ...context.actions,
    makeGroup: bounded('makeGroup', makeGroup),
    issue: bounded('issue', issue),
    removeGroup: bounded('removeGroup', removeGroup),
  };
  const store: Store = { ...context.store, putEntry: bounded('putEntry', context.store.putEntry) };
  return { death, context: { ...context, actions, store } };
}

describe('more devices than a text can name', { timeout: 300_000 }, () => {
  it('get one action, by a group of their names; those that share a name get another one, by Computer ID', async () => {
    const at = await convergedFleet();
    const before = (await at.ask<readonly Sent[]>('actions')).length;
    const seen: (readonly string[])[] = [];
    const issue: FleetActions['issue'] = async (...given) => {
      const id = await at.context.actions.issue(...given);
      seen.push(await groupsOf(at));
      return id;
    };
    const context = described(at.context, 'one action');
    const applied: Applied = await applyAll({ ...context, actions: { ...context.actions, issue } });
    expect(applied.exitCode).toBe(0);
    const sent = (await at.ask<readonly Sent[]>('actions')).slice(before);
    expect(sent.map(({ targets }) => targets.length).toSorted((a, b) => a - b)).toEqual([2, named]);
    const large = sent.find(({ targets }) => targets.length === named);
    expect(seen.flat()).toContain(large?.name.replace('Trueup ', 'trueup-').replaceAll(' ', '-'));
    expect(await groupsOf(at)).toEqual([]);
  });

  it('leave no group behind, and no action twice, wherever a run dies, and the group of somebody else stays', async () => {
    const at = await convergedFleet();
    await at.api('POST', 'computer_groups', { name: 'trueup-of-somebody', computer_specs: [] });
    for (const [attempt, doom] of deaths.entries()) {
      const context = described(at.context, `attempt ${attempt}`);
      const { death, context: doomed } = mortal(context, doom);
      expect([doom, await Promise.race([death, applyAll(doomed)])]).toEqual([doom, 'dead']);
      // Beyond the time for which an action may still appear.
      at.clock.shift(70);
      expect((await applyAll(context)).exitCode).toBe(0);
      expect([doom, await groupsOf(at)]).toEqual([doom, ['trueup-of-somebody']]);
      expect(await at.context.store.unsettled()).toEqual([]);
      const names = (await at.ask<readonly Sent[]>('actions')).map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
