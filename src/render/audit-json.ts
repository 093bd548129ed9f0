import type { AuditRecord } from '../model/audit.ts';
import { jsonText } from './json.ts';

const keys = ['audit', 'number', 'at', 'kind', 'by', 'commit', 'provider', 'run', 'detail', 'previous', 'hash'];

/** The records as they are chained: whoever hashes them anew comes to the same. */
export function auditJson(records: readonly AuditRecord[]): string {
  return jsonText({ audit: records }, keys);
}
