/** The texts of the sensor `Action Statuses`, `<action id>:<State>.`, and the states of the action itself. */
import type { ActionProgress, ActionState } from '../fleet-ports.ts';

const states: Readonly<Record<string, ActionState>> = {
  waiting: 'waiting',
  downloading: 'waiting',
  copying: 'waiting',
  waitingtoretry: 'waiting',
  running: 'running',
  // The command has ended; Tanium only still checks its verify group.
  pendingverification: 'completed',
  completed: 'completed',
  verified: 'completed',
  succeeded: 'completed',
  failed: 'failed',
  failedverification: 'failed',
  notsucceeded: 'failed',
  expired: 'expired',
  stopped: 'expired',
};

/** What these strings say of the action; null: nothing, or only of other actions that share its tracking question. */
export function stateIn(texts: readonly string[], actionId: string): ActionState | null {
  for (const text of texts) {
    const colon = text.indexOf(':');
    if (colon < 0 || text.slice(0, colon).trim() !== actionId) continue;
    const state =
      states[
        text
          .slice(colon + 1)
          .replaceAll(/[\s._-]/g, '')
          .toLowerCase()
      ];
    if (state !== undefined) return state;
  }
  return null;
}

/** `Active` and `Expired` are old names; `Closed` means only that the action expired (tanium-api.md 5). */
export function statusOf(status: string, stopped: boolean): Exclude<ActionProgress['status'], 'approval'> {
  if (stopped) return 'stopped';
  switch (status.toLowerCase()) {
    case 'pending':
      return 'pending';
    case 'stopped':
      return 'stopped';
    case 'closed':
    case 'expired':
      return 'closed';
    default:
      return 'open';
  }
}
