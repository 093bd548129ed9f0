/** What a scan has besides every other run: the count of its requests, and the lines of its logs. */
import type { RunContext } from '../apply/context.ts';
import type { LogLine, ScanContext } from '../apply/scan/context.ts';
import type { Logs } from '../log.ts';
import type { Fleet } from './fleet.ts';

export function scanContextOf(
  context: RunContext,
  { fleet, logs }: { readonly fleet: Pick<Fleet, 'requests'>; readonly logs: Pick<Logs, 'scan' | 'bulk'> },
): ScanContext {
  const scan: LogLine = (level, fields, message) => logs.scan[level](fields, message);
  const bulk: LogLine = (level, fields, message) => {
    scan(level, fields, message);
    logs.bulk[level](fields, message);
  };
  return { ...context, requests: fleet.requests, log: { scan, bulk } };
}
