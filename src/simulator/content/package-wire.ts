/** Packages and their files as the API has them (tanium-api.md 6). */
import type { Cloud } from '../cloud.ts';
import { flagIn, isRecord, listIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import { noTime, restTime } from '../http/times.ts';
import type { Package } from './packages.ts';

export interface PackageWire {
  readonly id: number;
  readonly name: string;
  readonly command: string;
  /** Seconds, as the next two. */
  readonly command_timeout: number;
  readonly expire_seconds: number;
  readonly verify_expire_seconds: number;
  readonly verify_group_id: number;
  readonly files: readonly PackageFile[];
  readonly parameter_definition: string;
  readonly parameters: readonly PackageParameter[];
  readonly exit_code_criteria: readonly Wire[];
  readonly hidden_flag: boolean;
  /** Of a derived package; 0: it is none. */
  readonly source_id: number;
  readonly [key: string]: unknown;
}

export interface PackageParameter {
  readonly key: string;
  readonly value: string;
}

export interface PackageFile {
  readonly id: number;
  readonly name: string;
  /** SHA-256 in hex. */
  readonly hash: string;
  readonly size: number;
  readonly source: string;
  readonly [key: string]: unknown;
}

export function blankPackage(now: number): Wire {
  return {
    name: '',
    display_name: '',
    command: '',
    command_timeout: 600,
    expire_seconds: 3600,
    verify_expire_seconds: 3600,
    content_set: { id: 2, name: 'Base' },
    file_templates: [],
    parameter_definition: '',
    parameters: [],
    process_group_flag: false,
    skip_lock_flag: false,
    verify_group: { id: 0 },
    exit_code_criteria: [],
    source_id: 0,
    source_hash: 0,
    source_name: '',
    source_hash_changed_flag: false,
    creation_time: restTime(now),
    modification_time: restTime(now),
    last_update: restTime(now),
    last_modified_by: 'administrator',
    mod_user: { id: 1, name: 'administrator', domain: '' },
    metadata: [],
    sensors: [],
    deleted_flag: false,
  };
}

/** Whatever a client sent, with every field that the simulator works with in its type. */
export function packageFrom(fields: Wire, files: readonly PackageFile[]): PackageWire {
  const verifyGroup = isRecord(fields['verify_group']) ? numberIn(fields['verify_group'], 'id') : null;
  return {
    ...fields,
    id: numberIn(fields, 'id') ?? 0,
    name: textIn(fields, 'name') ?? '',
    command: textIn(fields, 'command') ?? '',
    command_timeout: numberIn(fields, 'command_timeout') ?? 600,
    expire_seconds: numberIn(fields, 'expire_seconds') ?? 3600,
    verify_expire_seconds: numberIn(fields, 'verify_expire_seconds') ?? 3600,
    verify_group_id: verifyGroup ?? numberIn(fields, 'verify_group_id') ?? 0,
    files,
    parameter_definition: textIn(fields, 'parameter_definition') ?? '',
    parameters: parametersFrom(fields),
    exit_code_criteria: criteriaFrom(fields['exit_code_criteria']),
    hidden_flag: flagIn(fields, 'hidden_flag') ?? false,
    source_id: numberIn(fields, 'source_id') ?? 0,
  };
}

export function parametersFrom(spec: Wire): readonly PackageParameter[] {
  return listIn(spec, 'parameters')
    .filter(isRecord)
    .map((parameter) => ({
      key: textIn(parameter, 'key') ?? '',
      value: textIn(parameter, 'value') ?? String(numberIn(parameter, 'value') ?? ''),
    }));
}

/** Comes as `{criteria: {exit_code}}`, goes as `[{exit_code}]`. */
function criteriaFrom(value: unknown): readonly Wire[] {
  if (Array.isArray(value)) return (value as unknown[]).filter(isRecord);
  if (!isRecord(value)) return [];
  const { criteria } = value;
  if (Array.isArray(criteria)) return (criteria as unknown[]).filter(isRecord);
  return isRecord(criteria) ? [criteria] : [];
}

/** The file as the API shows it: what is not here yet is still being fetched. */
export function fileWire(cloud: Cloud, file: PackageFile, found: Package): Wire {
  const cached = found.availableAt <= cloud.timeline.now();
  const status = { status: cached ? 200 : 2, cache_status: cached ? 'Cached' : 'Processing' };
  return {
    ...file,
    ...status,
    bytes_total: file.size,
    bytes_downloaded: cached ? file.size : 0,
    download_start_time: noTime,
    last_download_progress_time: noTime,
    file_status: [{ server_id: 1, server_name: 'simulator', ...status, cache_message: '', download_identifier: '' }],
  };
}

export function packageWire(cloud: Cloud, found: Package): Wire {
  const available = found.availableAt <= cloud.timeline.now();
  return {
    ...found.wire,
    verify_group: { id: found.wire.verify_group_id },
    available_time: available ? restTime(found.availableAt) : noTime,
    files: found.wire.files.map((file) => fileWire(cloud, file, found)),
  };
}
