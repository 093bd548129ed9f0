/**
 * How one device comes to be judged as it is, facet by facet. The steps are those of a plan, taken for this device alone;
 * only the names that inventories show are those of the whole fleet.
 */
import type { Principal } from '../model/desired.ts';
import { subjectKey } from '../model/drift.ts';
import {
  type DeviceExplanation,
  type ExplainedFacet,
  type ExplainedSetting,
  type HeldBy,
  type RecordOfDevice,
  ruleOf,
  type SelectedBy,
  type Standing,
  type Verdict,
  type WholeHeld,
} from '../model/explanation.ts';
import type { Inventory } from '../model/inventory.ts';
import { ADMINISTRATORS, BUILTIN_ADMINISTRATOR_RID, type Sid } from '../model/sid.ts';
import { attributesOf, refuseUnknowable } from './attributes.ts';
import { compareClasses } from './compare.ts';
import { builtinAdministrator } from './diff-accounts.ts';
import { type Emptied, emptiedIn } from './emptied.ts';
import { namesIn } from './names.ts';
import { type Device, devicesOf, listOf } from './observe.ts';
import { labelOf } from './only.ts';
import { pauseAt } from './pause.ts';
import { policiesOf, type Selected } from './policy.ts';
import { isOff } from './provider-records.ts';
import type { ReconcileInput } from './reconcile.ts';
import { type Scope, type ScopeInput, scopeOf } from './scope.ts';
import type { Attributed, Decision, Hold } from './wanted.ts';

export type ExplainInput = Pick<ReconcileInput, 'desired' | 'provider' | 'recorded' | 'observation' | 'labels' | 'now'>;

/**
 * `text` is any of the device's names. Throws TRUEUP_DEVICE_NOT_FOUND, also where the name is not unique, and for this
 * device's policies TRUEUP_SELECTOR_UNKNOWN, TRUEUP_NAME_UNRESOLVED and TRUEUP_NAME_AMBIGUOUS.
 */
export function explainDevice(input: ExplainInput, text: string): DeviceExplanation {
  const { desired, provider, recorded, observation, labels, now } = input;
  refuseUnknowable(desired, provider, recorded.owner);
  const devices = [...devicesOf(observation, recorded).devices];
  const label = labelOf(text, devices);
  const device = devices.find((one) => one.label === label) as Device;
  const attributes = attributesOf(observation, labels, now);
  const select = policiesOf(desired);
  const selected = select(attributes(device));
  const off = isOff(provider, recorded);
  const emptied = emptiedIn(desired, off ? null : new Set(devices.map((one) => select(attributes(one)))), recorded);
  const scopeInput: ScopeInput = {
    devices: listOf([device]),
    select: () => selected,
    attributes,
    recorded,
    unasked: false,
    ageSeconds: observation.ageSeconds,
    off,
    now,
    setAside: () => new Set(),
    asked: () => false,
  };
  const scope = scopeOf(scopeInput);
  const whole = scope.held.map(({ hold, exclusion }): WholeHeld => {
    return { ...heldBy(hold), rule: exclusion === null ? null : ruleOf(exclusion.ref) };
  });
  return {
    device: label,
    computerId: device.computerId,
    name: device.name,
    domain: device.row?.domain ?? device.record?.domain ?? null,
    os: device.row?.os || device.record?.os || null,
    config: desired.digest,
    provider: provider.ref.name,
    scan: {
      at: observation.at === null ? null : `${observation.at.slice(0, 16)}Z`,
      ageSeconds: observation.ageSeconds,
    },
    standing: standingOf(scope, selected),
    record: recordOf(device),
    selectedBy: selected.selecting.map(({ ref, priority }): SelectedBy => ({ ...ruleOf(ref), priority })),
    settings: settingsOf(selected),
    held: whole,
    facets: facetsOf(input, scopeInput, device, emptied, whole.length > 0),
  };
}

function standingOf(scope: Scope, { any, effective }: Selected): Standing {
  if (!any) return 'unselected';
  if (effective.computer.enforcement?.value === 'ignore') return 'ignored';
  if (scope.notWindows > 0) return 'not-windows';
  if (scope.held.length > 0) return 'held';
  return scope.notEnrolled > 0 ? 'not-enrolled' : 'compared';
}

function recordOf({ record }: Device): RecordOfDevice | null {
  if (record === null) return null;
  const { id, machineSid, insertedAt, lastSeenAt, lastScan, pendingUntil } = record;
  return { id, machineSid, insertedAt, lastSeenAt, lastScan, pendingUntil };
}

function settingsOf({ effective: { computer } }: Selected): ExplainedSetting[] {
  const { enroll, enforcement, attribution, maxScanAgeSeconds, recovery } = computer;
  const settings: ExplainedSetting[] = [];
  if (enroll) settings.push({ field: 'enroll', value: enroll.value, rule: ruleOf(enroll.policy) });
  if (enforcement) settings.push({ field: 'enforcement', value: enforcement.value, rule: ruleOf(enforcement.policy) });
  if (attribution) settings.push({ field: 'attribution', value: attribution.value, rule: ruleOf(attribution.policy) });
  if (maxScanAgeSeconds) {
    const { value, policy } = maxScanAgeSeconds;
    settings.push({ field: 'maxScanAge', value, rule: ruleOf(policy) });
  }
  if (recovery) {
    const value = recovery.value.map(({ principal }) => principalText(principal));
    settings.push({ field: 'recovery', value, rule: ruleOf(recovery.policy) });
  }
  return settings;
}

function principalText(principal: Principal): string {
  if ('sid' in principal) return principal.name ?? principal.sid;
  if ('builtin' in principal) return builtinAdministrator;
  return 'localName' in principal ? principal.localName : principal.domainName;
}

function heldBy({ guard, message, release }: Hold): HeldBy {
  return { guard, message, release };
}

/** What every Windows has: a device that has shown nothing is compared with it, to learn what is declared. */
const bare: Inventory = {
  os: { build: '', kind: 'workstation' },
  powershell: '5.1',
  language: 'full',
  bits: null,
  localAccounts: null,
  users: [
    {
      rid: BUILTIN_ADMINISTRATOR_RID,
      name: '',
      fullName: '',
      description: '',
      flags: [],
      enabled: false,
      locked: false,
      expires: null,
      passwordSet: null,
    },
  ],
  groups: [{ sid: ADMINISTRATORS, members: [] }],
  laps: { mode: 'none', rid: null },
  rotations: [],
};

/** As if nothing held the device whole: what is declared of it, and what is there, can be told all the same. */
function facetsOf(
  { desired, provider, observation, now }: ExplainInput,
  scopeInput: ScopeInput,
  device: Device,
  emptied: Emptied,
  isHeld: boolean,
): ExplainedFacet[] {
  // An inventory that may be another machine's says nothing of this one.
  const seen = device.text?.kind === 'inventory' && device.conflict === null;
  const { classes } = scopeOf({
    ...scopeInput,
    devices: listOf([{ ...(seen ? device : asBare(device)), conflict: null }]),
    ageSeconds: 0,
    off: false,
    setAside: () => new Set(['excluded']),
  });
  const decided: Decision[] = [];
  const {
    classes: [compared],
  } = compareClasses(classes, {
    names: namesIn(observation, provider.principals),
    provider,
    now,
    pause: pauseAt(desired.rollout, now),
    emptied,
    rotateNow: () => false,
    decided,
  });
  if (compared === undefined) return [];
  const known = decided.filter(({ rule }) => seen || rule !== null);
  const comparison: Comparison = {
    changeOf: new Map(compared.changes.map((change) => [change.facet.key, change])),
    holdOn: new Map(compared.judge(() => true).held.map(({ change, hold }) => [change, hold])),
    seen,
    isHeld,
    failed: new Set(device.record?.failedSubjects),
    sessions: new Set(device.record?.sessions),
  };
  return known
    .map((decision) => facetOf(decision, comparison))
    .toSorted((a, b) => order.indexOf(a.about) - order.indexOf(b.about));
}

const order: readonly ExplainedFacet['about'][] = ['computer', 'account', 'group'];

function asBare(device: Device): Device {
  const { computerId, name } = device;
  const row = { computerId: computerId ?? '', name, domain: null, os: '', text: -1, ...device.row };
  return { ...device, computerId: row.computerId, row, text: { text: '', kind: 'inventory', inventory: bare } };
}

interface Comparison {
  /** By the key of the facet that it mends. */
  readonly changeOf: ReadonlyMap<string, Attributed>;
  readonly holdOn: ReadonlyMap<Attributed, Hold>;
  /** The device has shown what it has. */
  readonly seen: boolean;
  /** The whole device is held. */
  readonly isHeld: boolean;
  /** `subjectKey` of what failed. */
  readonly failed: ReadonlySet<string>;
  readonly sessions: ReadonlySet<Sid>;
}

function facetOf(decision: Decision, comparison: Comparison): ExplainedFacet {
  const { changeOf, holdOn, seen, isHeld, failed } = comparison;
  const { key, kind, subject, desired, rule, why } = decision;
  const about = aboutOf(decision);
  const unknown = about !== 'computer' && !seen;
  const change = unknown || key === null ? undefined : changeOf.get(key);
  const hold = (change && holdOn.get(change)) ?? null;
  return {
    about,
    subject,
    property: propertyOf(decision),
    desired,
    observed: unknown ? null : observedOf(decision, comparison),
    verdict: unknown ? 'unknown' : verdictOf(decision, change, isHeld || hold !== null),
    rule: rule === null ? null : ruleOf(rule),
    why: unknown ? null : why,
    change: change?.kind ?? null,
    reason: change?.reason ?? null,
    consequence: change?.consequence ?? null,
    held: hold === null ? null : heldBy(hold),
    failed: kind !== null && failed.has(subjectKey(kind, subject)),
  };
}

/** A session in progress is shown as what it is. */
function observedOf({ observed, member }: Decision, { sessions }: Comparison): Decision['observed'] {
  const inSession = observed === 'member' && member !== undefined && member !== null && sessions.has(member);
  return inSession ? 'session' : observed;
}

function aboutOf({ subject }: Decision): ExplainedFacet['about'] {
  if ('group' in subject) return 'group';
  return 'account' in subject ? 'account' : 'computer';
}

function propertyOf({ kind, subject }: Decision): string | null {
  switch (kind) {
    case 'account.enable':
    case 'account.disable':
      return 'enabled';
    case 'account.unlock':
      return 'locked';
    case 'account.rename':
      return 'name';
    case 'password.rotate':
      return 'password';
    default:
      return subject['property'] ?? subject['field'] ?? null;
  }
}

function verdictOf({ key, holds, why }: Decision, change: Attributed | undefined, isHeld: boolean): Verdict {
  if (key === null) return 'undeclared';
  if (holds) return why === null ? 'met' : 'left';
  if (change === undefined) return 'waits';
  return isHeld ? 'held' : 'differs';
}
