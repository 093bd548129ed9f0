/** Sensors and packages as they are to be made, and the part of them that a change is of. */
import type { PackageFields, SensorFields } from '../fleet-ports.ts';
import type { ObservedPackage, ObservedQuery, ObservedSensor } from '../model/content.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { ContentTexts } from '../reconcile/content.ts';
import { commandOf } from '../reconcile/content-package.ts';
import type { RunContext } from './context.ts';

interface Source {
  readonly context: Pick<RunContext, 'desired'>;
  readonly options: IntegrationOptions;
  readonly texts: ContentTexts;
  readonly name: string;
}

/** `only`: the fields of these properties of the document, for an object that is there. */
export type WholeSensor = SensorFields & {
  readonly only: (properties: ReadonlySet<string>, found: ObservedSensor) => Partial<SensorFields>;
};

export type WholePackage = PackageFields & {
  readonly only: (properties: ReadonlySet<string>, found: ObservedPackage) => Partial<PackageFields>;
};

export function sensorFields({
  context,
  options,
  texts,
  name,
  isPosture,
}: Source & { readonly isPosture: boolean }): WholeSensor {
  const { sensor, postureSensor } = context.desired.content;
  const desired = isPosture ? postureSensor : sensor;
  const windows: ObservedQuery = {
    platform: 'Windows',
    scriptType: 'Powershell',
    script: isPosture ? texts.postureSensor : texts.sensor,
  };
  const fields: SensorFields = {
    name,
    description: isPosture ? 'NPS-D Security Posture Sensor' : 'NPS-D Administrator Discovery Sensor',
    contentSet: desired.contentSet,
    category: desired.category,
    valueType: 'String',
    maxAgeSeconds: desired.maxAgeSeconds ?? options.sensor_max_age_seconds,
    maxStringAgeMinutes: Math.ceil((desired.maxStringAgeSeconds ?? 0) / 60),
    maxStrings: desired.maxStrings ?? 0,
    ignoreCase: false,
    hidden: false,
    columns: [],
    queries: [windows, ...messages(desired.otherPlatforms)],
  };
  return {
    ...fields,
    only: (properties, found) => {
      const others = found.queries.filter(({ platform }) => platform.toLowerCase() !== 'windows');
      const each: Readonly<Record<string, Partial<SensorFields>>> = {
        contentSet: { contentSet: fields.contentSet },
        category: { category: fields.category },
        resultType: { valueType: fields.valueType },
        maxAge: { maxAgeSeconds: fields.maxAgeSeconds },
        maxStringAge: { maxStringAgeMinutes: fields.maxStringAgeMinutes },
        maxStrings: { maxStrings: fields.maxStrings },
        ignoreCase: { ignoreCase: false },
        hidden: { hidden: false },
        splitColumns: { columns: [] },
        script: { queries: [windows, ...others] },
      };
      return picked(each, properties);
    },
  };
}

/** #50: what the sensor says where there is nothing to say. */
function messages(text: string | null): ObservedQuery[] {
  if (text === null) return [];
  const script = `echo '${text.replaceAll("'", String.raw`'\''`)}'`;
  return ['Linux', 'Mac'].map((platform) => ({ platform, scriptType: 'UnixShell', script }));
}

export function packageFields({
  context,
  options,
  name,
  files,
}: Source & { readonly files: PackageFields['files'] }): WholePackage {
  const desired = context.desired.content.package;
  const { commandTimeoutSeconds, downloadTimeoutSeconds } = desired;
  const fields: PackageFields = {
    name,
    displayName: desired.displayName ?? 'NPS-D Management Package',
    contentSet: desired.contentSet,
    command: commandOf(desired, options.package_param_offset),
    commandTimeoutSeconds,
    expireSeconds: commandTimeoutSeconds + downloadTimeoutSeconds,
    skipLock: desired.ignoreActionLock,
    processGroup: true,
    parameter: { key: `$${options.package_param_offset}`, label: desired.parameterLabel },
    files,
  };
  return {
    ...fields,
    only: (properties, found) => {
      const download = found.expireSeconds - found.commandTimeoutSeconds;
      const each: Readonly<Record<string, Partial<PackageFields>>> = {
        displayName: { displayName: fields.displayName },
        contentSet: { contentSet: fields.contentSet },
        command: { command: fields.command },
        // Tanium keeps the sum: the other share stays as it is.
        commandTimeout: { commandTimeoutSeconds, expireSeconds: commandTimeoutSeconds + download },
        downloadTimeout: { expireSeconds: found.commandTimeoutSeconds + downloadTimeoutSeconds },
        ignoreActionLock: { skipLock: fields.skipLock },
        launchInProcessGroup: { processGroup: true },
        parameter: { parameter: fields.parameter },
        files: { files: fields.files },
      };
      const both = properties.has('commandTimeout') && properties.has('downloadTimeout');
      return { ...picked(each, properties), ...(both ? { expireSeconds: fields.expireSeconds } : {}) };
    },
  };
}

function picked<T extends object>(each: Readonly<Record<string, T>>, properties: ReadonlySet<string>): Partial<T> {
  return Object.assign({}, ...[...properties].map((property) => each[property] ?? {})) as Partial<T>;
}
