/** What a line's JSON must be to count as a report: the border to a device's output, whoever wrote it. */
import { isEndpointErrorCode, parseNative } from './errors.ts';
import { isJsonObject } from './json.ts';
import type { Report, ReportError, ReportMeta, ReportStatus } from './report.ts';

const statuses: readonly unknown[] = ['ok', 'failed', 'refused', 'skipped'] satisfies ReportStatus[];

/** A line's JSON as a report; null: it is something else, or a version that this program does not know. */
export function reportOf(value: unknown): Report | null {
  if (!isJsonObject(value) || value['v'] !== 1) return null;
  const { n, of, status, changed, data = null } = value;
  if (!isCount(n) || !isCount(of) || n > of) return null;
  if (!statuses.includes(status) || typeof changed !== 'boolean') return null;
  if (data !== null && !isJsonObject(data)) return null;
  const meta = metaOf(value['meta']);
  const error = errorOf(value['error']);
  if (meta === undefined || error === undefined) return null;
  return { n, of, meta, status: status as ReportStatus, changed, data, error };
}

/** More than any action's commands; it bounds what a hostile log can make of it. */
const maxCount = 1000;

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= maxCount;
}

/** What every machine's SID looks like, a domain's too. */
const machineSid = /^S-1-5-21(?:-(?:0|[1-9]\d{0,9})){3}$/;

function metaOf(value: unknown): ReportMeta | null | undefined {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) return undefined;
  const { script = null, computer, sid, domain = null, action = null, ms = null } = value;
  if (typeof computer !== 'string' || computer === '' || computer.length > 255) return undefined;
  if (typeof sid !== 'string' || !machineSid.test(sid)) return undefined;
  if (!isTextOrNull(script) || !isTextOrNull(domain) || !isTextOrNull(action)) return undefined;
  if (ms !== null && !(typeof ms === 'number' && Number.isFinite(ms))) return undefined;
  return { script, computer, sid, domain, action, ms };
}

function errorOf(value: unknown): ReportError | null | undefined {
  if (value === undefined || value === null) return null;
  if (!isJsonObject(value)) return undefined;
  const { code, message = '', native = null } = value;
  if (typeof code !== 'string' || typeof message !== 'string') return undefined;
  if (native !== null && (typeof native !== 'string' || parseNative(native) === null)) return undefined;
  return { code: isEndpointErrorCode(code) ? code : 'unexpected', message, native };
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || (typeof value === 'string' && value.length <= 255);
}
