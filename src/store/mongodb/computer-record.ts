/** A computer's record as NPS-D writes it (npsd-domain.md 1.2, 1.3, 1.7). */
import type { Protect } from '../../model/desired.ts';
import type { ProviderFields } from '../../model/provider-fields.ts';
import type { RecordedComputer } from '../../model/recorded.ts';
import { booleanAt, type Document, invalid, isObject, textAt, timeAt, valueAt } from './fields.ts';
import { idOf } from './identity.ts';
import { lastScanOf, lastScanPaths } from './last-scan.ts';
import { sessionPaths } from './sessions.ts';

export type NpsdComputer = Pick<
  RecordedComputer,
  'name' | 'domain' | 'ou' | 'os' | 'scan' | 'protect' | 'offlineAccess' | 'edrIntegration' | 'insertedAt' | 'lastScan'
>;

/** NPS-D's documents do not agree on these names (C3); where the mapped path is missing, the other spelling serves. */
const nameAlias = 'dNSHostName';
const osAlias = 'operatingSystem';

/** Only what is looked at: of the administrators inventory that is who has a session. */
export function projectionOf(fields: ProviderFields): Record<string, 1> {
  const { lastScan: _, lastScanned: __, administrators: ___, ...paths } = fields.computer;
  const wanted = [...Object.values(paths), nameAlias, osAlias, ...lastScanPaths(fields), ...sessionPaths(fields)];
  return Object.fromEntries(wanted.map((path) => [path, 1 as const]));
}

/** Raises TRUEUP_STORE_INVALID. */
export function decodedSettings(document: Document & { _id: unknown }, fields: ProviderFields): NpsdComputer {
  const paths = fields.computer;
  const record = `${fields.collections.computers} ${idOf(document._id, fields.collections.computers)}`;
  return {
    name: nameOf(document, fields) ?? invalid(record, paths.name, 'the name of the computer', null),
    domain: textAt(document, paths.domain, record),
    ou: textAt(document, paths.ou, record),
    os: textAt(document, paths.os, record) ?? textAt(document, osAlias, record),
    scan: booleanAt(document, paths.scan, record),
    protect: protectOf(
      booleanAt(document, paths.secure, record),
      booleanAt(document, paths.strictSecure, record) ?? false,
    ),
    offlineAccess: offlineAccessOf(document, paths.offlineAccess, record),
    edrIntegration: textAt(document, paths.edrIntegration, record),
    insertedAt: timeAt(document, paths.insertedAt, record),
    lastScan: lastScanOf(document, paths.lastScan),
  };
}

export function namePaths({ computer }: ProviderFields): readonly string[] {
  return [computer.name, nameAlias];
}

/** Null: the record has none. Raises TRUEUP_STORE_INVALID. */
export function nameOf(document: Document & { readonly _id: unknown }, fields: ProviderFields): string | null {
  const record = `${fields.collections.computers} ${idOf(document._id, fields.collections.computers)}`;
  return textAt(document, fields.computer.name, record) ?? textAt(document, nameAlias, record);
}

/** C21: Deny is `strict_secure: true`, and means nothing while `secure` is false. */
function protectOf(secure: boolean | null, strictSecure: boolean): Protect | null {
  if (secure === null) return null;
  if (!secure) return 'Disabled';
  return strictSecure ? 'Deny' : 'JITA';
}

function offlineAccessOf(document: Document, path: string, record: string): string {
  const value = valueAt(document, path);
  if (value === undefined || value === null) return 'Unmanaged';
  if (!isObject(value)) return invalid(record, path, 'an object', value);
  if (booleanAt(value, 'enabled', `${record}: ${path}`) !== true) return 'Unmanaged';
  return textAt(value, 'strategy', `${record}: ${path}`) ?? 'managed';
}
