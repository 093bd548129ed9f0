/** The package against what it should be (npsd-domain.md #54 to #67). */
import type { DesiredPackage, LookedUp, ObservedPackage } from '../model/content.ts';
import {
  documentedCommand,
  endsAsDocumented,
  missingFlags,
  parametersUsed,
  wrapperFile,
} from '../model/content-command.ts';
import type { IntegrationOptions } from '../model/options.ts';
import { type Comparison, comparisonOf, type Judged, onOff, time } from './content-comparison.ts';
import { type ExpectedFile, judgeFiles } from './content-files.ts';
import { lookalikes, nearWords, quoted } from './content-names.ts';

export interface ExpectedPackage {
  readonly desired: DesiredPackage;
  readonly options: Pick<IntegrationOptions, 'package_param_offset' | 'action_timeout_seconds'>;
  readonly files: readonly ExpectedFile[];
  /** Whether a policy changes devices (#55). */
  readonly needed: boolean;
  /** Content set of the sensor that is there; null: none is. */
  readonly sensorSet: string | null;
  /** Version of the script in the sensor; null: it is not known. */
  readonly sensorVersion: string | null;
}

/** The `command` of the integration with the parameter that the options say (#58, #66). */
export function commandOf(desired: DesiredPackage, offset: number): string {
  return desired.command ?? documentedCommand(offset);
}

export function judgePackage(expected: ExpectedPackage, { name, found, near }: LookedUp<ObservedPackage>): Judged {
  const { desired, needed } = expected;
  const comparison = comparisonOf(
    'package',
    `package ${quoted(name)}`,
    `Administration → Content → Packages → ${name}`,
  );
  const alike = lookalikes(name, near);
  const why = needed ? '' : ' It is needed for Protect JITA or Deny only.';
  comparison.check({
    key: 'name',
    property: 'Package Name',
    ok: found !== null,
    severity: needed ? 'error' : 'info',
    expected: name,
    actual: near[0] ?? null,
    message: `Tanium has no package named ${quoted(name)}.${nearWords(name, near)}${why}`,
    remedy:
      alike.length > 0
        ? 'Set options.package_name to the name that Tanium has, letter by letter, or rename the package.'
        : 'Declare a TaniumContent with manage: create, or make the package by hand: docs/content.md says how.',
  });
  if (found === null) return comparison.end('missing', alike.length === 0);
  checkPlaces(comparison, expected, found);
  checkCommand(comparison, expected, found);
  checkParameter(comparison, expected, found);
  checkTimes(comparison, expected, found);
  checkSwitches(comparison, desired, found);
  const author = judgeFiles(comparison, expected.files, found.files, expected.sensorVersion);
  return comparison.end(author === 'npsd' ? 'npsd' : author === 'other' ? 'foreign' : 'present');
}

function checkPlaces(comparison: Comparison, { desired, sensorSet }: ExpectedPackage, found: ObservedPackage): void {
  const { displayName } = desired;
  if (displayName !== null) {
    comparison.check({
      key: 'displayName',
      property: 'Display Name',
      ok: found.displayName === displayName,
      severity: 'info',
      expected: displayName,
      actual: found.displayName,
      fix: { property: 'displayName', from: found.displayName, to: displayName },
    });
  }
  comparison.check({
    key: 'contentSet',
    property: 'Content Set',
    ok: found.contentSet === desired.contentSet,
    severity: 'info',
    expected: desired.contentSet,
    actual: found.contentSet,
    ...(desired.declared.includes('contentSet')
      ? { fix: { property: 'contentSet', from: found.contentSet, to: desired.contentSet } }
      : {}),
  });
  comparison.check({
    key: 'contentSet.shared',
    property: 'Content Set',
    ok: sensorSet === null || found.contentSet === sensorSet,
    severity: 'warning',
    expected: sensorSet,
    actual: found.contentSet,
    message: `Package ${quoted(found.name)} is in content set ${quoted(found.contentSet)}, and the sensor in ${quoted(sensorSet ?? '')}: both share one.`,
  });
}

/** #58: each flag by its name. */
function checkCommand(comparison: Comparison, { desired, options }: ExpectedPackage, found: ObservedPackage): void {
  const { command, name } = found;
  const wanted = commandOf(desired, options.package_param_offset);
  const fix = { property: 'command', from: command, to: wanted };
  const remedy = `Set Command to: ${wanted}`;
  for (const flag of missingFlags(command)) {
    comparison.check({
      key: `command${flag.split(' ')[0]?.replace('-', '.') ?? ''}`,
      property: 'Command',
      ok: false,
      severity: 'error',
      expected: flag,
      actual: null,
      message: `The command of package ${quoted(name)} lacks ${flag}.`,
      remedy,
      fix,
    });
  }
  comparison.check({
    key: 'command.end',
    property: 'Command',
    ok: endsAsDocumented(command),
    severity: 'error',
    expected: `-File ${wrapperFile} $${options.package_param_offset}`,
    actual: command,
    message: `The command of package ${quoted(name)} does not end with -File ${wrapperFile} and its one parameter.`,
    remedy,
    fix,
  });
  const isSame = spaced(command) === spaced(wanted);
  const isNamed = missingFlags(command).length > 0 || !endsAsDocumented(command) || differsInNumber(command, wanted);
  comparison.check({
    key: 'command',
    property: 'Command',
    ok: isSame || isNamed,
    severity: desired.command === null ? 'info' : 'warning',
    expected: wanted,
    actual: command,
    remedy,
    ...(desired.command === null ? {} : { fix }),
  });
}

function spaced(command: string): string {
  return command.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}

/** Nothing but `$0` for `$1`, which is told with the parameter. */
function differsInNumber(command: string, wanted: string): boolean {
  const withoutNumber = (text: string): string => spaced(text).replaceAll(/\$\d+/g, '$');
  return withoutNumber(command) === withoutNumber(wanted);
}

/** #65 to #67, #168: one text, under the number that offset and command have too. */
function checkParameter(comparison: Comparison, { desired, options }: ExpectedPackage, found: ObservedPackage): void {
  const { name, parameters, command } = found;
  const key = `$${options.package_param_offset}`;
  const [parameter, second] = parameters;
  const shown = parameters.length === 0 ? 'none' : parameters.map((one) => `${one.key} ${one.label}`).join(', ');
  const to = `${key} ${desired.parameterLabel}`;
  const fix = { property: 'parameter', from: shown, to };
  comparison.check({
    key: 'parameter.count',
    property: 'Parameters',
    ok: parameters.length === 1,
    severity: 'error',
    expected: `one, ${to}`,
    actual: shown,
    message: `Package ${quoted(name)} takes ${parameters.length === 0 ? 'no parameter' : `${parameters.length} parameters (${shown})`}, and should take one, ${to}.`,
    remedy: `Leave the package the one text parameter ${desired.parameterLabel}.`,
    fix,
  });
  if (parameter === undefined || second !== undefined) return;
  comparison.check({
    key: 'parameter.label',
    property: 'Parameter label',
    ok: parameter.label === desired.parameterLabel,
    severity: 'warning',
    expected: desired.parameterLabel,
    actual: parameter.label,
    fix,
  });
  comparison.check({
    key: 'parameter.type',
    property: 'Parameter type',
    ok: parameter.type.startsWith('Text'),
    severity: 'error',
    expected: 'a text',
    actual: parameter.type,
    fix,
  });
  const used = parametersUsed(command);
  const isUsed = used.length === 1 && used[0] === key;
  const inCommand = used.join(', ') || 'none';
  comparison.check({
    key: 'parameter.offset',
    property: 'package_param_offset',
    ok: parameter.key === key && isUsed,
    severity: 'error',
    expected: key,
    actual: `${parameter.key} in the parameter, ${inCommand} in the command`,
    message: `Package ${quoted(name)} has ${parameter.key} as its parameter and ${inCommand} in its command, and options.package_param_offset is ${options.package_param_offset}.`,
    remedy: offsetRemedy(parameter.key, used, key),
    // Of both that are wrong, one alone would send commands nowhere.
    fix: [
      ...(parameter.key === key ? [] : [fix]),
      ...(isUsed ? [] : [{ property: 'command', from: command, to: commandOf(desired, options.package_param_offset) }]),
    ],
  });
}

/** Names the one side that is wrong where the two others agree. */
function offsetRemedy(parameter: string, used: readonly string[], key: string): string {
  const inCommand = used.length === 1 ? used[0] : null;
  if (parameter === inCommand && /^\$[01]$/.test(parameter)) {
    return `Set options.package_param_offset to ${parameter.slice(1)}: both the parameter and the command have ${parameter}.`;
  }
  if (parameter === key) return `End the command with ${key}: parameter and option agree on it.`;
  return `Give the package the parameter ${key}, and end its command with ${key}.`;
}

function checkTimes(comparison: Comparison, { desired, options }: ExpectedPackage, found: ObservedPackage): void {
  const { commandTimeoutSeconds: command, expireSeconds: expiry } = found;
  const adjustable = (key: 'commandTimeout' | 'downloadTimeout', property: string, is: number, wanted: number): void =>
    comparison.check({
      key,
      property,
      ok: is === wanted,
      severity: 'info',
      expected: time(wanted),
      actual: time(is),
      ...(desired.declared.includes(key) ? { fix: { property: key, from: is, to: wanted } } : {}),
    });
  adjustable('commandTimeout', 'Command Timeout', command, desired.commandTimeoutSeconds);
  adjustable('downloadTimeout', 'Download Timeout', Math.max(0, expiry - command), desired.downloadTimeoutSeconds);
  comparison.check({
    key: 'timeouts',
    property: 'action_timeout_seconds',
    ok: options.action_timeout_seconds >= expiry,
    severity: 'warning',
    expected: `${expiry} or more`,
    actual: String(options.action_timeout_seconds),
    message: `options.action_timeout_seconds is ${options.action_timeout_seconds}, and package ${quoted(found.name)} gives its command and download ${expiry} s: an action may be given up while it still runs.`,
    remedy: `Raise options.action_timeout_seconds to ${expiry}, or lower the package's timeouts.`,
  });
}

function checkSwitches(comparison: Comparison, desired: DesiredPackage, found: ObservedPackage): void {
  comparison.check({
    key: 'ignoreActionLock',
    property: 'Ignore Action Lock',
    ok: found.skipLock === desired.ignoreActionLock,
    severity: 'warning',
    expected: onOff(desired.ignoreActionLock),
    actual: onOff(found.skipLock),
    fix: { property: 'ignoreActionLock', from: found.skipLock, to: desired.ignoreActionLock },
  });
  comparison.check({
    key: 'launchInProcessGroup',
    property: 'Launch this package command in a process group',
    ok: found.processGroup,
    severity: 'error',
    expected: onOff(true),
    actual: onOff(found.processGroup),
    fix: { property: 'launchInProcessGroup', from: found.processGroup, to: true },
  });
}
