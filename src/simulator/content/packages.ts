/** Packages, and the hidden ones that parameters make of them (tanium-api.md 5, 6). */
import { createHash } from 'node:crypto';
import type { Cloud } from '../cloud.ts';
import { hashText } from '../draw.ts';
import { Refusal } from '../http/failure.ts';
import { isRecord, listIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import {
  blankPackage,
  type PackageFile,
  type PackageParameter,
  type PackageWire,
  packageFrom,
} from './package-wire.ts';
import { percentEncoded } from './percent.ts';
import { stockFiles, stockPackage } from './stock.ts';

export interface Package {
  wire: PackageWire;
  deleted: boolean;
  /** When all its files are on the server, milliseconds since 1970. */
  availableAt: number;
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
      return put(packageFrom({ ...blankPackage(cloud.timeline.now()), ...fields, id, hidden_flag: false }, files));
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
      found.wire = packageFrom(changed, files);
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
