/** What is said of a computer that no machine answers for. */
import type { ScannedComputer } from '../../reconcile/scan-due.ts';
import type { ScanFailure } from './result.ts';

/** What NPS-D counts as stale ("Scanned in last 2 weeks", npsd-domain.md 1.15). */
const staleDays = 14;

export interface Absence {
  readonly failure: Extract<ScanFailure, 'not-found' | 'offline' | 'last-seen-too-long-ago'>;
  readonly message: string;
}

/** A record that a machine was found for before is of one that is away; of any other, Tanium knows no machine (#14, #32). */
export function silenceOf({ computerId, lastSeenAt }: ScannedComputer, now: string): Absence {
  if (computerId === null) return { failure: 'not-found', message: 'not found in Tanium' };
  if (lastSeenAt === null) return { failure: 'offline', message: 'it does not answer' };
  const seen = `${lastSeenAt.slice(0, 16).replace('T', ' ')}Z`;
  const days = (Date.parse(now) - Date.parse(lastSeenAt)) / 86_400_000;
  if (days > staleDays) {
    return {
      failure: 'last-seen-too-long-ago',
      message: `skipped: last seen ${seen}, more than ${staleDays} days ago`,
    };
  }
  return { failure: 'offline', message: `it does not answer; last seen ${seen}` };
}
