/** A sensor against what it should be (npsd-domain.md #37 to #53). */
import type { DesiredSensor, LookedUp, ObservedQuery, ObservedSensor } from '../model/content.ts';
import { managementFile } from '../model/content-command.ts';
import { type Comparison, comparisonOf, type Judged, onOff, time } from './content-comparison.ts';
import { lookalikes, nearWords, quoted } from './content-names.ts';
import { authorOf, normalised, printedBy, sensorText, versionOf } from './content-script.ts';
import { sha256 } from './hash.ts';

export interface ExpectedSensor {
  readonly kind: 'sensor' | 'posture-sensor';
  readonly desired: DesiredSensor;
  readonly maxAgeSeconds: number;
  /** The text that it should have. */
  readonly script: string;
  /** Whether something does not work without it. */
  readonly needed: boolean;
  /** The option or field that names it. */
  readonly namedBy: string;
}

export function judgeSensor(expected: ExpectedSensor, { name, found, near }: LookedUp<ObservedSensor>): Judged {
  const { kind, desired, needed, namedBy } = expected;
  const comparison = comparisonOf(kind, `sensor ${quoted(name)}`, `Administration → Content → Sensors → ${name}`);
  const alike = lookalikes(name, near);
  comparison.check({
    key: 'name',
    property: 'Name',
    ok: found !== null,
    severity: needed ? 'error' : 'info',
    expected: name,
    actual: near[0] ?? null,
    message: `Tanium has no sensor named ${quoted(name)}.${nearWords(name, near)}`,
    remedy:
      alike.length > 0
        ? `Set ${namedBy} to the name that Tanium has, letter by letter: a sensor cannot be renamed.`
        : 'Declare a TaniumContent with manage: create, or make the sensor by hand: docs/content.md says how.',
  });
  if (found === null) return comparison.end('missing', alike.length === 0);
  const author = checkScript(comparison, expected, found);
  if (author === 'other') return comparison.end('foreign');
  checkSettings(comparison, desired, expected.maxAgeSeconds, found);
  checkLimits(comparison, found, desired);
  checkOtherPlatforms(comparison, found, desired);
  if (desired.backgroundCollection) checkCollection(comparison, name);
  return comparison.end(author === 'npsd' ? 'npsd' : 'present');
}

type Author = ReturnType<typeof authorOf>;

/** #49. A script that is neither ours nor NPS-D's is all that is said of its sensor. */
function checkScript(comparison: Comparison, { kind, desired, script }: ExpectedSensor, found: ObservedSensor): Author {
  const query = windowsQuery(found.queries);
  const [from, to] = [query === null ? null : scriptName(query.script), scriptName(script)];
  const check = (key: string, actual: string | null, expected: string, message: string, remedy: string): void =>
    comparison.check({
      key,
      property: 'Windows script',
      ok: false,
      severity: 'error',
      expected,
      actual,
      message: `Sensor ${quoted(found.name)} ${message}.`,
      remedy,
      fix: {
        property: 'script',
        from,
        to,
        ...(key === 'npsd'
          ? { consequence: 'Replaces NPS-D’s own script: whoever still reads its answers gets ours.' }
          : {}),
      },
    });
  const paste = `Put ${'own' in desired.script ? desired.script.own : desired.script.path} into the sensor's Windows script, in full.`;
  if (query === null) {
    check('script', null, to, 'has no script for Windows', paste);
    return 'trueup';
  }
  comparison.check({
    key: 'scriptType',
    property: 'Windows script type',
    ok: query.scriptType.toLowerCase() === 'powershell',
    severity: 'error',
    expected: 'PowerShell',
    actual: query.scriptType,
    fix: { property: 'script', from, to },
  });
  const isPosture = kind === 'posture-sensor';
  if (sensorText(query.script) === sensorText(script)) {
    comparison.check({
      key: 'firstLine',
      property: 'Windows script',
      ok: printedBy(query.script) === printedBy(script),
      severity: 'error',
      expected: firstLine(script),
      actual: firstLine(query.script),
      message: `Sensor ${quoted(found.name)} answers with ${isPosture ? 'accounts and groups, not with security settings' : 'security settings, not with accounts and groups'}: its first line is that of the other sensor.`,
      remedy: `Make ${firstLine(script)} its first line.`,
      fix: { property: 'script', from, to },
    });
    return 'trueup';
  }
  const author = authorOf(query.script);
  if (author === 'other') {
    check(
      'foreign',
      from,
      to,
      `is not ours: its script is neither Trueup's nor NPS-D's ${managementFile}`,
      `Name the right sensor in ${isPosture ? 'TaniumContent.spec.postureSensor.name' : 'options.sensor_name'}, or put ${managementFile} into this one; Trueup never replaces it.`,
    );
  } else if (author === 'npsd') {
    const advice = `Give Trueup a sensor of its own name, or declare manage: update to replace the script.`;
    check('npsd', from, to, `holds NPS-D's own ${managementFile}, whose answers Trueup does not read`, advice);
  } else {
    const [is, should] = [versionOf(query.script), versionOf(script)];
    const message =
      is === should
        ? `holds an altered copy of version ${is ?? 'unknown'} of ${managementFile}`
        : `holds version ${is ?? 'unknown'} of ${managementFile}, and should hold ${should ?? 'another text'}`;
    check('script', from, to, message, paste);
  }
  return author;
}

export function windowsQuery(queries: readonly ObservedQuery[]): ObservedQuery | null {
  return queries.find(({ platform }) => platform.toLowerCase() === 'windows') ?? null;
}

/** `1.0.0 (sha256 3f0a1b2c)`: of the text as it is compared. */
export function scriptName(text: string): string {
  const version = versionOf(text);
  return `${version === null ? '' : `${version} `}(sha256 ${sha256(normalised(text)).slice(0, 8)})`;
}

function firstLine(text: string): string {
  return normalised(text).split('\n', 1)[0]?.slice(0, 80) ?? '';
}

/** What Tanium itself advises against (C15). */
const leastAge = 600;

function checkSettings(
  comparison: Comparison,
  desired: DesiredSensor,
  maxAgeSeconds: number,
  found: ObservedSensor,
): void {
  const setting = (key: string, property: string, is: boolean): void =>
    comparison.check({
      key,
      property,
      ok: !is,
      severity: 'error',
      expected: onOff(false),
      actual: onOff(is),
      fix: { property: key, from: is, to: false },
    });
  const chosen = (key: 'contentSet' | 'category', property: string): void =>
    comparison.check({
      key,
      property,
      ok: found[key] === desired[key],
      severity: 'info',
      expected: desired[key],
      actual: found[key],
      ...(desired.declared.includes(key) ? { fix: { property: key, from: found[key], to: desired[key] } } : {}),
    });
  chosen('contentSet', 'Content Set');
  chosen('category', 'Category');
  comparison.check({
    key: 'resultType',
    property: 'Result Type',
    ok: found.valueType === 'String',
    severity: 'error',
    expected: 'Text',
    actual: found.valueType,
    fix: { property: 'resultType', from: found.valueType, to: 'Text' },
  });
  comparison.check({
    key: 'maxAge',
    property: 'Max Sensor Age',
    ok: found.maxAgeSeconds === maxAgeSeconds,
    severity: 'warning',
    expected: time(maxAgeSeconds),
    actual: time(found.maxAgeSeconds),
    fix: { property: 'maxAge', from: found.maxAgeSeconds, to: maxAgeSeconds },
  });
  comparison.check({
    key: 'maxAge.least',
    property: 'Max Sensor Age',
    ok: found.maxAgeSeconds >= leastAge || found.maxAgeSeconds !== maxAgeSeconds,
    severity: 'warning',
    expected: `${time(leastAge)} or more`,
    actual: time(found.maxAgeSeconds),
    remedy: 'Raise it, and options.sensor_max_age_seconds with it: Tanium advises 10 minutes at least.',
  });
  setting('ignoreCase', 'Ignore case in results', found.ignoreCase);
  setting('hidden', 'Hide sensor', found.hidden);
  comparison.check({
    key: 'splitColumns',
    property: 'Split into columns',
    ok: found.columns.length === 0,
    severity: 'error',
    expected: onOff(false),
    actual: `${onOff(true)} (${found.columns.join(', ')})`,
    fix: { property: 'splitColumns', from: true, to: false },
  });
  comparison.check({
    key: 'parameters',
    property: 'Parameters',
    ok: found.parameters.length === 0,
    severity: 'error',
    expected: 'none',
    actual: found.parameters.join(', '),
    remedy: 'Take the parameters out of the sensor: whoever asks it would have to give a value for each.',
  });
}

const leastStringAgeSeconds = 86_400;
const leastStrings = 10_000;

/** #44, #45: Disabled is as good, and so is more; less forgets answers before they are read. */
function checkLimits(comparison: Comparison, found: ObservedSensor, desired: DesiredSensor): void {
  const stringAge = found.maxStringAgeMinutes * 60;
  const limit = (
    key: 'maxStringAge' | 'maxStrings',
    property: string,
    is: number,
    least: number,
    to: number | null,
  ): void =>
    comparison.check({
      key,
      property,
      ok: is === 0 || is >= Math.min(least, to ?? least),
      severity: 'warning',
      expected: `Disabled, or ${least} or more`,
      actual: String(is),
      fix: { property: key, from: is, to: to ?? 'Disabled' },
    });
  limit('maxStringAge', 'Max String Age', stringAge, leastStringAgeSeconds, desired.maxStringAgeSeconds);
  limit('maxStrings', 'Max Strings', found.maxStrings, leastStrings, desired.maxStrings);
}

/** A message is a line; a whole script is something that answers. */
const longestMessage = 400;

/** #50: Disabled, or a message. */
function checkOtherPlatforms(comparison: Comparison, { name, queries }: ObservedSensor, desired: DesiredSensor): void {
  const others = queries.filter(({ platform }) => platform.toLowerCase() !== 'windows');
  const running = others.filter(({ script }) => script.length > longestMessage);
  comparison.check({
    key: 'otherPlatforms',
    property: 'Other platforms',
    ok: running.length === 0,
    severity: 'warning',
    expected: desired.otherPlatforms ?? 'Disabled, or a message',
    actual: `a script on ${running.map(({ platform }) => platform).join(', ')}`,
    message: `Sensor ${quoted(name)} runs a script of its own on ${running.map(({ platform }) => platform).join(', ')}: its answers are no accounts of Windows.`,
  });
}

/** #52: what the API does not tell (5-simulator.md). */
function checkCollection(comparison: Comparison, name: string): void {
  comparison.check({
    key: 'backgroundCollection',
    property: 'Background collection',
    ok: false,
    severity: 'skipped',
    expected: 'registered',
    actual: null,
    message: `Tanium's API does not tell whether sensor ${quoted(name)} is registered for background collection, which computers with Protect Disabled are read from.`,
    remedy: `Look in Tanium: Interact → Settings → Sensor Collection, and register ${quoted(name)}.`,
  });
}
