/** TaniumContent, by itself and against the options of the provider. */

import { endsAsDocumented, missingFlags } from '../../model/content-command.ts';
import { secondsOf } from '../../model/duration.ts';
import { type DocumentOf, problemIn, spot } from '../document.ts';
import type { Problem } from '../problem.ts';
import { shown } from '../shown.ts';
import type { Told } from './told.ts';

type Content = DocumentOf<'TaniumContent'>;
type Provider = DocumentOf<'EdrProvider'>;

const commandSeconds = 180;
const downloadSeconds = 600;

/** The seed's timeouts of the package, or those that are declared (#61). */
export function packageSecondsOf(contents: readonly Content[]): number {
  const [content, second] = contents;
  const declared = second === undefined ? content?.value.spec.package : undefined;
  const command = declared?.commandTimeout === undefined ? commandSeconds : secondsOf(declared.commandTimeout);
  const download = declared?.downloadTimeout === undefined ? downloadSeconds : secondsOf(declared.downloadTimeout);
  return command + download;
}

export function checkContent(content: Content, providers: readonly Provider[], told: Told): void {
  checkCommand(content, told);
  checkKept(content, told);
  checkPosture(content, providers, told);
  const [provider, second] = providers;
  if (provider !== undefined && second === undefined) checkAgainst(content, provider, told);
}

function checkCommand(content: Content, { errors }: Told): void {
  const declared = content.value.spec.package;
  if (declared?.command === undefined) return;
  const say = (message: string): void => {
    errors.push(problemIn(content, 'TRUEUP_PACKAGE_COMMAND', declared, 'command', message));
  };
  for (const flag of missingFlags(declared.command)) say(`The command lacks ${flag}.`);
  if (!endsAsDocumented(declared.command)) {
    say('The command does not end with -File expand_params.ps1 and the parameter, $0 or $1.');
  }
}

const leastAge = 86_400;
const leastStrings = 10_000;

/** #44, #45: more is as good, less forgets. */
function checkKept(content: Content, { warnings }: Told): void {
  const { sensor } = content.value.spec;
  const say = (key: 'maxStringAge' | 'maxStrings', least: number): void => {
    const value = sensor?.[key];
    if (sensor === undefined || typeof value !== 'number' || value >= least) return;
    const message = `${key} ${value} is less than ${least}: Tanium forgets answers before they are read.`;
    warnings.push(problemIn(content, 'TRUEUP_RANGE', sensor, key, message));
  };
  say('maxStringAge', leastAge);
  say('maxStrings', leastStrings);
}

/** One text answers as one sensor: with accounts and groups, or with security settings. */
function checkPosture({ value, ...content }: Content, providers: readonly Provider[], { errors }: Told): void {
  const { sensor, postureSensor } = value.spec;
  if (postureSensor?.name === undefined) return;
  const others = [sensor?.name, ...providers.map((provider) => provider.value.spec.options?.sensor_name)];
  if (!others.includes(postureSensor.name)) return;
  const message = `${shown(postureSensor.name)} is the sensor that reports accounts and groups; the posture has one of its own.`;
  errors.push(problemIn(content, 'TRUEUP_CONTENT_MISMATCH', postureSensor, 'name', message));
}

function checkAgainst(content: Content, provider: Provider, { errors, warnings }: Told): void {
  const { sensor, package: declared } = content.value.spec;
  const { options } = provider.value.spec;
  if (options === undefined) return;
  const pointAt = (option: keyof typeof options): string => spot(provider.file, provider.places.value(options, option));
  const differ = (
    code: 'TRUEUP_CONTENT_MISMATCH' | 'TRUEUP_PACKAGE_COMMAND',
    holder: object,
    key: string,
    message: string,
  ): Problem => problemIn(content, code, holder, key, message);

  const names = [
    [sensor, options.sensor_name, 'sensor_name'],
    [declared, options.package_name, 'package_name'],
  ] as const;
  for (const [object, option, key] of names) {
    if (object?.name === undefined || option === undefined || object.name === option) continue;
    const hint = object.name.toLowerCase() === option.toLowerCase() ? ' Upper and lower case differ.' : '';
    const message = `The name is ${shown(object.name)} here and ${shown(option)} in options.${key} (${pointAt(key)}).${hint}`;
    errors.push(differ('TRUEUP_CONTENT_MISMATCH', object, 'name', message));
  }
  const age = options.sensor_max_age_seconds;
  if (sensor?.maxAge !== undefined && age !== undefined && secondsOf(sensor.maxAge) !== age) {
    const message = `maxAge is ${secondsOf(sensor.maxAge)} s here and ${age} s in options.sensor_max_age_seconds (${pointAt('sensor_max_age_seconds')}).`;
    warnings.push(differ('TRUEUP_CONTENT_MISMATCH', sensor, 'maxAge', message));
  }
  const number = /\$(\d)"?\s*$/.exec(declared?.command ?? '')?.[1];
  const offset = options.package_param_offset;
  if (declared !== undefined && number !== undefined && offset !== undefined && Number(number) !== offset) {
    const message = `The command takes $${number}, and options.package_param_offset is ${offset} (${pointAt('package_param_offset')}).`;
    errors.push(differ('TRUEUP_PACKAGE_COMMAND', declared, 'command', message));
  }
}
