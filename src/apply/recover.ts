/** Takes up what an earlier run left in the journal, before anything new is planned. */
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { collect, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import { adopt, settle } from './journal.ts';
import { noteOutcomes } from './notes.ts';

/** Answers how many actions of earlier runs were brought to their end. */
export async function recover(context: RunContext, options: IntegrationOptions): Promise<number> {
  const entries = await context.store.unsettled();
  if (entries.length === 0) return 0;
  const computers = new Map<string, RecordedComputer>();
  for await (const computer of context.store.computers()) {
    if (computer.computerId !== null) computers.set(computer.computerId, computer);
  }
  let recovered = 0;
  for (const entry of entries) {
    context.tell({ kind: 'note', text: `taking up action ${entry.name} of an interrupted run` });
    const live = entry.state === 'intended' ? await adopt(context, entry, context.signal) : entry;
    if (live === null) continue;
    const targets = entry.targets.map((computerId): Target => {
      const computer = computers.get(computerId);
      const name = computer?.name ?? computerId;
      return { computerId, label: name, known: { name, machineSid: computer?.machineSid ?? null } };
    });
    const outcomes = await collect(context, live, targets, options, () => {});
    const run = await context.store.run(entry.run);
    await noteOutcomes(context.store, computers, live, run?.plan ?? null, outcomes);
    await settle(context, live);
    recovered += 1;
  }
  return recovered;
}
