/** Tanium's content, object by object, as the plan judges it; what another check has named already is not named again. */
import type { ContentFinding, ContentSeverity, ContentVerdict } from '../../model/content.ts';
import type { Check, CheckStatus } from '../../model/doctor.ts';
import type { Seen } from '../context.ts';
import { missed } from './cause.ts';
import { count, ok } from './check.ts';
import { rightsCheck } from './reach.ts';

export interface ContentSight {
  readonly verdicts: readonly ContentVerdict[];
  /** Whether there is a sensor of the name, whatever it answers. */
  readonly hasSensor: boolean;
  /** Whether Tanium shows the tokens, and so when the one in use ends. */
  readonly showsTokens: boolean;
  /** Null: the token may not see them. */
  readonly groupNames: readonly string[] | null;
}

const statuses: Readonly<Record<ContentSeverity, CheckStatus>> = {
  error: 'fail',
  warning: 'warn',
  info: 'info',
  skipped: 'skipped',
};

/** Findings whose cause an option's own check names. */
const namedBy: Readonly<Record<string, string>> = {
  'sensor.name': 'option.sensor_name',
  'package.name': 'option.package_name',
  'package.parameter.count': 'option.package_param_offset',
  'package.parameter.offset': 'option.package_param_offset',
  'package.command.end': 'option.package_param_offset',
  'computer-group.name': 'option.bulk_scan_group',
  'action-group.name': 'option.action_group_name',
  'action-group.groups': 'option.action_group_name',
  'token.expiration': 'tanium.token-expiry',
};

/** Null: no other check does. */
function nameOf(id: string): string | null {
  // One a right.
  if (id.startsWith('token.rights.') && id !== 'token.rights.excess') return rightsCheck;
  return namedBy[id] ?? null;
}

/** `told`: the checks before these. */
export function judgeContents(look: Seen<ContentSight>, told: readonly Check[]): readonly Check[] {
  if (look.kind !== 'got') return [missed('content.look', look)];
  const all = new Set(look.value.verdicts.flatMap(({ findings }) => findings.map(({ id }) => id)));
  const wrong = new Set(told.filter(({ status }) => status !== 'ok').map(({ id }) => id));
  return look.value.verdicts.flatMap((verdict) => {
    const findings = verdict.findings.filter(({ id }) => !wrong.has(nameOf(id) ?? '') && !isFollowing(id, all));
    const checks = findings.map(checkOf);
    const isSilent = findings.length === 0 && (verdict.findings.length > 0 || verdict.state === 'missing');
    if (isSilent || findings.some(({ severity }) => severity === 'error' || severity === 'warning')) return checks;
    return [ok(`content.${verdict.kind}`, rightOf(verdict)), ...checks];
  });
}

/** Two scripts of different versions: the one that is not of this release is the cause, and is named by itself. */
function isFollowing(id: string, all: ReadonlySet<string>): boolean {
  return id === 'package.version' && [...all].some((other) => namesScript.test(other));
}

const namesScript = /^(?:sensor\.script|package\.files\..*\.hash)$/;

function checkOf({ id, severity, message, remedy }: ContentFinding): Check {
  return { id: `content.${id}`, status: statuses[severity], message, remedy };
}

function rightOf({ object, compared, state }: ContentVerdict): string {
  const whose = state === 'npsd' ? ', with NPS-D’s own script' : '';
  const title = object.charAt(0).toUpperCase() + object.slice(1);
  return compared === 0
    ? `${title}${whose}.`
    : `${title}${whose}: ${count(compared, 'property', 'properties')} looked at.`;
}

const scripts = new Set(['sensor.script', 'sensor.foreign']);

/** The check that says that the sensor's script is none of ours; null: none does. */
export function foreignSensor(look: Seen<ContentSight>): string | null {
  const id = look.kind === 'got' ? faultOf(look.value, (finding) => scripts.has(finding)) : null;
  return id === null ? null : `content.${id}`;
}

/** The check that says what is wrong with a sensor that is there; null: nothing is, or it is not. */
export function sensorFault(sight: ContentSight): string | null {
  const id = sight.hasSensor ? faultOf(sight, () => true) : null;
  return id === null ? null : `content.${id}`;
}

function faultOf({ verdicts }: ContentSight, isWanted: (id: string) => boolean): string | null {
  const verdict = verdicts.find(({ kind }) => kind === 'sensor');
  return verdict?.findings.find(({ id, severity }) => severity === 'error' && isWanted(id))?.id ?? null;
}
