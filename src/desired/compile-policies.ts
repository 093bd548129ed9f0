/** Policies about devices: computers, memberships, accounts, exclusions. */
import type { AccountPolicy, ComputerPolicy, ExclusionPolicy, MembershipPolicy, PolicyRef } from '../model/desired.ts';
import { secondsOf } from '../model/duration.ts';
import { endOf } from '../model/moment.ts';
import type { PropertyKey } from '../model/operation.ts';
import type { Selector } from '../model/selector.ts';
import { ADMINISTRATORS, type Sid } from '../model/sid.ts';
import { compilePatterns, compileSelector } from './compile-selector.ts';
import { type DocumentOf, refOf, type ValidDocument } from './document.ts';
import type * as written from './generated/documents.ts';
import { principalOf } from './principals.ts';

interface Scope {
  readonly ref: PolicyRef;
  readonly selector: Selector;
  readonly priority: number;
}

export function scopeOf(
  document: ValidDocument,
  spec: { readonly selector: written.Selector; readonly priority?: number },
): Scope {
  return { ref: refOf(document), selector: compileSelector(spec.selector), priority: spec.priority ?? 0 };
}

/** What is left out stays left out: the policy does not speak of it. */
export function compileComputers(document: DocumentOf<'ComputerPolicy'>): ComputerPolicy {
  const { spec } = document.value;
  const { enroll, scan, protect, offlineAccess, edrIntegration, maxScanAge, enforcement, attribution, recovery } = spec;
  return {
    ...scopeOf(document, spec),
    ...(enroll === undefined ? {} : { enroll }),
    ...(scan === undefined ? {} : { scan: scan === 'Enabled' }),
    ...(protect === undefined ? {} : { protect }),
    ...(offlineAccess === undefined ? {} : { offlineAccess }),
    ...(edrIntegration === undefined ? {} : { edrIntegration }),
    ...(maxScanAge === undefined ? {} : { maxScanAgeSeconds: secondsOf(maxScanAge) }),
    ...(enforcement === undefined ? {} : { enforcement }),
    ...(attribution === undefined ? {} : { attribution }),
    ...(recovery === undefined
      ? {}
      : { recovery: recovery.map((one) => ({ principal: principalOf(one), how: one.how })) }),
  };
}

/** A membership without a group is one of Administrators (#148). */
export function groupSidOf({ group }: { readonly group?: string | { readonly sid: Sid } }): Sid {
  if (group === undefined) return ADMINISTRATORS;
  return typeof group === 'string' ? group : group.sid;
}

export function compileMembership(document: DocumentOf<'LocalGroupMembership'>): MembershipPolicy {
  const { file, places } = document;
  const { spec } = document.value;
  return {
    ...scopeOf(document, spec),
    group: groupSidOf(spec),
    mode: spec.mode ?? 'include',
    members: spec.members.map((member) => ({
      principal: principalOf(member),
      access: member.access ?? 'persistent',
      source: { file, line: places.of(member).line },
    })),
    keep: compilePatterns(spec.keep ?? []),
  };
}

export function compileAccount(document: DocumentOf<'LocalAccount'>): AccountPolicy {
  const { spec } = document.value;
  const { builtin, name = '', enabled, unlocked, rename } = spec;
  return {
    ...scopeOf(document, spec),
    account: builtin === undefined ? { name } : { builtin },
    ensure: spec.ensure ?? 'present',
    ...(enabled === undefined ? {} : { enabled }),
    ...(unlocked === undefined ? {} : { unlocked }),
    ...(rename === undefined ? {} : { renameTo: rename }),
    properties: propertiesOf(spec),
  };
}

function propertiesOf(spec: written.LocalAccount['spec']): AccountPolicy['properties'] {
  const properties: Partial<Record<PropertyKey, string | boolean>> = {};
  if (spec.fullName !== undefined) properties.FullName = spec.fullName;
  if (spec.description !== undefined) properties.Description = spec.description;
  if (spec.passwordNeverExpires !== undefined) properties.PasswordNeverExpires = spec.passwordNeverExpires;
  if (spec.userCannotChangePassword !== undefined) properties.UserCannotChangePassword = spec.userCannotChangePassword;
  if (spec.passwordNotRequired !== undefined) properties.PasswordNotRequired = spec.passwordNotRequired;
  return properties;
}

export function compileExclusion(document: DocumentOf<'Exclusion'>): ExclusionPolicy {
  const { spec } = document.value;
  return {
    ref: refOf(document),
    selector: compileSelector(spec.selector),
    until: new Date(endOf(spec.until)).toISOString(),
    reason: spec.reason,
    owner: spec.owner ?? null,
  };
}
