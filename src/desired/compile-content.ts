/** What is declared of Tanium's content, out of all documents, with its defaults filled in. */
import { defaultPosture } from '../model/compliance.ts';
import type { DesiredContent, DesiredFile, DesiredPackage, DesiredSensor, ScriptSource } from '../model/content.ts';
import { managementFile, wrapperFile } from '../model/content-command.ts';
import { secondsOf } from '../model/duration.ts';
import { type DocumentOf, ofKind, refOf, type ValidDocument } from './document.ts';

type Document = DocumentOf<'TaniumContent'>;
type Written = Document['value']['spec'];
type WrittenFile = NonNullable<NonNullable<Written['sensor']>['script']>;

/** The checks before have seen to it that no section is declared twice. */
export function compileContent(documents: readonly ValidDocument[]): DesiredContent {
  const contents = ofKind(documents, 'TaniumContent');
  const [first] = contents;
  const section = <K extends keyof Written>(key: K): { readonly in: Document; readonly value: Written[K] } | null => {
    const found = contents.find(({ value }) => value.spec[key] !== undefined);
    return found === undefined ? null : { in: found, value: found.value.spec[key] };
  };
  const contentSet = section('contentSet')?.value ?? 'Base';
  return {
    ref: first === undefined ? null : refOf(section('manage')?.in ?? first),
    manage: section('manage')?.value ?? 'report',
    sensor: sensorOf(section('sensor'), contentSet),
    postureSensor: postureOf(section('postureSensor'), contentSet),
    wantsPosture: section('postureSensor') !== null || ofKind(documents, 'ComplianceBaseline').length > 0,
    package: packageOf(section('package'), contentSet),
    needsPackage: documents.some(changesDevices),
    computerGroups: contents
      .flatMap(({ value }) => value.spec.computerGroups ?? [])
      .map(({ name, purpose, maxExtraPercent }) => ({
        name,
        purpose: purpose ?? 'scan',
        maxExtraPercent: maxExtraPercent ?? 5,
      })),
    apiToken: tokenOf(section('apiToken')?.value),
  };
}

interface Section<T> {
  readonly in: Document;
  readonly value: T;
}

/** Settings of the seed (npsd-domain.md 2.4). */
const category = 'Security';
const leastStringAge = 86_400;
const leastStrings = 10_000;

function sensorOf(section: Section<Written['sensor']> | null, contentSet: string): DesiredSensor {
  const { name, maxAge, maxStringAge, maxStrings, otherPlatforms, backgroundCollection, script, ...others } =
    section?.value ?? {};
  return {
    name: name ?? null,
    contentSet: others.contentSet ?? contentSet,
    category: others.category ?? category,
    maxAgeSeconds: maxAge === undefined ? null : secondsOf(maxAge),
    maxStringAgeSeconds: limitOf(maxStringAge, leastStringAge),
    maxStrings: limitOf(maxStrings, leastStrings),
    script: script === undefined || section === null ? { own: managementFile } : declaredScript(section.in, script),
    otherPlatforms: otherPlatforms === undefined || otherPlatforms === 'Disabled' ? null : otherPlatforms,
    backgroundCollection: backgroundCollection ?? true,
    declared: Object.keys(section?.value ?? {}),
    source: placeOf(section, 'sensor'),
  };
}

function postureOf(section: Section<Written['postureSensor']> | null, contentSet: string): DesiredSensor {
  const { name, maxAge } = section?.value ?? {};
  return {
    ...sensorOf(null, contentSet),
    name: name ?? defaultPosture.sensor,
    maxAgeSeconds: maxAge === undefined ? defaultPosture.maxAgeSeconds : secondsOf(maxAge),
    declared: Object.keys(section?.value ?? {}),
    source: placeOf(section, 'postureSensor'),
  };
}

function limitOf(value: number | string | undefined, otherwise: number): number | null {
  if (value === undefined) return otherwise;
  return typeof value === 'number' ? value : null;
}

const commandSeconds = 180;
const downloadSeconds = 600;

function packageOf(section: Section<Written['package']> | null, contentSet: string): DesiredPackage {
  const { name, displayName, command, commandTimeout, downloadTimeout, ignoreActionLock, files, parameter, ...others } =
    section?.value ?? {};
  return {
    name: name ?? null,
    displayName: displayName ?? null,
    contentSet: others.contentSet ?? contentSet,
    command: command ?? null,
    commandTimeoutSeconds: commandTimeout === undefined ? commandSeconds : secondsOf(commandTimeout),
    downloadTimeoutSeconds: downloadTimeout === undefined ? downloadSeconds : secondsOf(downloadTimeout),
    ignoreActionLock: ignoreActionLock ?? false,
    parameterLabel: parameter?.label ?? 'EncodedCommand',
    files: files === undefined || section === null ? ownFiles : files.map((file) => fileOf(section.in, file)),
    declared: Object.keys(section?.value ?? {}),
    source: placeOf(section, 'package'),
  };
}

const ownFiles: readonly DesiredFile[] = [
  { name: wrapperFile, script: { own: wrapperFile } },
  { name: managementFile, script: { own: managementFile } },
];

function fileOf(document: Document, file: WrittenFile): DesiredFile {
  return { name: file.path.split(/[\\/]/).at(-1) ?? file.path, script: declaredScript(document, file) };
}

function declaredScript({ file, places }: Document, script: WrittenFile): ScriptSource {
  const source = { file, line: places.of(script).line };
  return { path: script.path, sha256: script.sha256 ?? null, source };
}

function placeOf(section: Section<unknown> | null, key: keyof Written): DesiredSensor['source'] {
  if (section === null) return null;
  const { file, places, value } = section.in;
  return { file, line: places.key(value.spec, key).line };
}

const warnDays = 14;

function tokenOf(written: Written['apiToken']): DesiredContent['apiToken'] {
  const { name, expires, warnDays: days, minimumRights } = written ?? {};
  return {
    name: name ?? null,
    expires: expires ?? null,
    warnDays: days ?? warnDays,
    minimumRights: minimumRights ?? false,
  };
}

/** #54, #55: what Protect does, and whatever changes a device, is done by the package. */
function changesDevices(document: ValidDocument): boolean {
  switch (document.kind) {
    case 'LocalGroupMembership':
    case 'LocalAccount':
    case 'PasswordRotationPolicy':
    case 'AccessGrant':
      return true;
    case 'ComputerPolicy': {
      const { protect } = document.value.spec;
      return protect !== undefined && protect !== 'Disabled';
    }
    default:
      return false;
  }
}
