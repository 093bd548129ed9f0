/** Takes up what an earlier run left in the journal, before anything new is planned. */
import type { IntegrationOptions } from '../model/options.ts';
import type { RecordedComputer } from '../model/recorded.ts';
import { collect, type Followed, type Target } from './collect.ts';
import type { RunContext } from './context.ts';
import { adopt, settle } from './journal.ts';
import { noteOutcomes } from './notes.ts';

/** Brings the actions of earlier runs to their end; nothing is issued. */
export async function recover(context: RunContext, options: IntegrationOptions): Promise<void> {
  const entries = await context.store.unsettled();
  if (entries.length === 0) return;
  const records = new Map<string, RecordedComputer>();
  for await (const computer of context.store.computers()) {
    if (computer.computerId !== null) records.set(computer.computerId, computer);
  }
  const followed: Followed[] = [];
  for (const entry of entries) {
    context.tell({ kind: 'note', text: `taking up action ${entry.name} of an interrupted run` });
    const live = entry.state === 'intended' ? await adopt(context, entry, context.signal) : entry;
    if (live !== null) followed.push({ entry: live, targets: live.targets.map((id) => targetOf(id, records.get(id))) });
  }
  await collect(context, followed, options, {
    seen: () => {},
    ended: async ({ entry }, outcomes) => {
      const run = await context.store.run(entry.run);
      await noteOutcomes(context.store, records, entry, run?.plan ?? null, outcomes);
      await settle(context, entry);
    },
  });
}

function targetOf(computerId: string, computer: RecordedComputer | undefined): Target {
  const name = computer?.name ?? computerId;
  return { computerId, label: name, known: { name, machineSid: computer?.machineSid ?? null } };
}
