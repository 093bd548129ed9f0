/** Packages, and the hidden ones that parameters make of them (tanium-api.md 5, 6). */
import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { hashText } from '../draw.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, isRecord, listIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import { noTime, restTime } from '../http/times.ts';
import { percentEncoded } from './percent.ts';
import { stockFiles, stockPackage } from './stock.ts';

export interface Package {
  wire: PackageWire;
  deleted: boolean;
  /** When all its files are on the server, milliseconds since 1970. */
  availableAt: number;
}

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

export interface Packages {
  /** Those that are not deleted, by id, the derived ones among them. */
  all(): readonly Package[];
  byId(id: number): Package | undefined;
  /** Of those that are not hidden. */
  byName(name: string): Package | undefined;
  /** @throws Refusal */
  create(fields: Wire): Package;
  /** @throws Refusal */
  change(found: Package, fields: Wire): void;
  remove(found: Package): void;
  /** A hidden copy with the values written into its command; it stays as it is whatever becomes of its source. */
  derive(source: Package, parameters: readonly PackageParameter[]): Package;
}

/** Milliseconds until the server has fetched a file from where it is. */
const downloadTime = 5_000;

export function openPackages(cloud: Cloud, bare: boolean): Packages {
  const packages = new Map<number, Package>();
  let lastFile = 0;

  const present = (): readonly Package[] => [...packages.values()].filter(({ deleted }) => !deleted);

  function fileFrom(file: Wire): PackageFile {
    const source = textIn(file, 'source') ?? '';
    const hash = textIn(file, 'hash') ?? (source === '' ? '' : createHash('sha256').update(source).digest('hex'));
    const content = cloud.uploads.content(hash);
    if (!content && source === '') throw new Refusal('PackageFileNotFound');
    lastFile += 1;
    return {
      ...file,
      id: lastFile,
      name: textIn(file, 'name') ?? '',
      hash,
      size: content?.length ?? numberIn(file, 'size') ?? 0,
      source,
      download_seconds: numberIn(file, 'download_seconds') ?? 0,
    };
  }

  function put(wire: PackageWire): Package {
    const made: Package = { wire, deleted: false, availableAt: availableAt(wire.files) };
    packages.set(wire.id, made);
    return made;
  }

  function availableAt(files: readonly PackageFile[]): number {
    const now = cloud.timeline.now();
    const waits = files.some(({ hash }) => !cloud.uploads.content(hash));
    return now + (waits ? cloud.clock.span(downloadTime) : 0);
  }

  const byName = (name: string): Package | undefined =>
    present().find(({ wire }) => wire.name === name && !wire.hidden_flag);

  const opened: Packages = {
    all: present,
    byId: (id) => {
      const found = packages.get(id);
      return found?.deleted === false ? found : undefined;
    },
    byName,
    create: (fields) => {
      const name = textIn(fields, 'name') ?? '';
      if (name === '') throw new Refusal('PackageNameRequired');
      if ((textIn(fields, 'command') ?? '') === '') throw new Refusal('PackageCommandRequired');
      if (byName(name)) throw new Refusal('PackageNameNotUnique');
      const id = packages.size + 1;
      const files = listIn(fields, 'files').filter(isRecord).map(fileFrom);
      return put(wireFrom({ ...blank(cloud.timeline.now()), ...fields, id, hidden_flag: false }, files));
    },
    change: (found, fields) => {
      const name = textIn(fields, 'name') ?? found.wire.name;
      if (name !== found.wire.name && byName(name)) throw new Refusal('PackageNameNotUnique');
      const files = 'files' in fields ? listIn(fields, 'files').filter(isRecord).map(fileFrom) : found.wire.files;
      const changed = {
        ...found.wire,
        ...fields,
        id: found.wire.id,
        modification_time: restTime(cloud.timeline.now()),
      };
      found.wire = wireFrom(changed, files);
      found.availableAt = availableAt(files);
    },
    remove: (found) => {
      found.deleted = true;
    },
    derive: (source, parameters) => {
      const { wire } = source;
      const copy = {
        ...wire,
        id: packages.size + 1,
        command: substituted(wire.command, parameters),
        parameters,
        hidden_flag: true,
        source_id: wire.id,
        source_name: wire.name,
        source_hash: hashText(`${wire.command} ${wire.files.map(({ hash }) => hash).join(' ')}`),
        source_hash_changed_flag: false,
      };
      const made: Package = { wire: copy, deleted: false, availableAt: source.availableAt };
      packages.set(copy.id, made);
      return made;
    },
  };
  if (!bare) {
    const files = stockFiles.map(({ name, text }) => ({ name, hash: cloud.uploads.keep(Buffer.from(text, 'utf8')) }));
    opened.create({ ...stockPackage, files });
  }
  return opened;
}

/** Nobody checks parameters: a missing one leaves its `$n` standing, one too many changes nothing. */
function substituted(command: string, parameters: readonly PackageParameter[]): string {
  const values = new Map(parameters.map(({ key, value }) => [key, value]));
  return command.replaceAll(/\$\d+/g, (key) => {
    const value = values.get(key);
    return value === undefined ? key : percentEncoded(value);
  });
}

function blank(now: number): Wire {
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

function wireFrom(fields: Wire, files: readonly PackageFile[]): PackageWire {
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
