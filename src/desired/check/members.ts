/** Each LocalGroupMembership by itself, and the names of members everywhere. */

import { endOf } from '../../model/moment.ts';
import { ADMINISTRATORS } from '../../model/sid.ts';
import { groupSidOf } from '../compile-policies.ts';
import { type DocumentOf, problemIn, spot } from '../document.ts';
import { type KnownSids, type Pair, principalKey, principalText } from '../principals.ts';
import { shown } from '../shown.ts';
import { broadGroupName } from '../sids.ts';
import type { Told } from './told.ts';

type Membership = DocumentOf<'LocalGroupMembership'>;
type Member = Membership['value']['spec']['members'][number];

export function checkMembers(document: Membership, known: KnownSids, nowMs: number, told: Told): void {
  const { spec } = document.value;
  const first = new Map<string, Member>();
  for (const member of spec.members) {
    const key = principalKey(member, known);
    const other = first.get(key);
    if (other === undefined) first.set(key, member);
    else checkTwice(document, member, other, told);
    if (groupSidOf(spec) === ADMINISTRATORS) checkAdministrator(document, member, told);
    if (member.until !== undefined && endOf(member.until) <= nowMs) {
      const message = `The membership of ${visibleText(member)} ended with ${member.until}.`;
      told.errors.push(problemIn(document, 'TRUEUP_EXPIRED', member, 'until', message));
    }
  }
}

/** #189 */
function checkTwice(document: Membership, member: Member, other: Member, { errors, warnings }: Told): void {
  const { access = 'persistent' } = member;
  const { access: otherAccess = 'persistent' } = other;
  const key = member.sid === undefined ? (member.name === undefined ? 'builtin' : 'name') : 'sid';
  const elsewhere = spot(document.file, document.places.of(other));
  if (access === otherAccess) {
    const message = `${visibleText(member)} stands here twice, at ${elsewhere} too.`;
    warnings.push(problemIn(document, 'TRUEUP_MEMBER_TWICE', member, key, message));
    return;
  }
  const message = `${visibleText(member)} is ${access} here and ${otherAccess} at ${elsewhere}.`;
  errors.push(problemIn(document, 'TRUEUP_MEMBER_CONTRADICTION', member, key, message));
}

/** windows-accounts.md C7, npsd-domain.md F37 */
function checkAdministrator(document: Membership, member: Member, { errors, warnings }: Told): void {
  const { sid = '', access = 'persistent' } = member;
  const isBuiltIn = member.builtin !== undefined || /^S-1-5-21-\d+-\d+-\d+-500$/.test(sid);
  if (isBuiltIn && access === 'absent') {
    const key = member.builtin === undefined ? 'sid' : 'builtin';
    const message = 'The built-in Administrator (RID 500) cannot leave Administrators.';
    errors.push(problemIn(document, 'TRUEUP_BUILT_IN', member, key, message));
  }
  const broad = broadGroupName(sid);
  if (broad !== null && access === 'persistent') {
    const message = `${sid} is ${broad}: nearly everybody would be an administrator.`;
    warnings.push(problemIn(document, 'TRUEUP_BROAD_MEMBER', member, 'sid', message));
  }
}

/** Whoever is given two SIDs cannot be resolved by name. */
export function checkPairs(pairs: readonly Pair[], known: KnownSids, { warnings }: Told): void {
  for (const { document, holder } of pairs) {
    const sid = known.get((holder.name ?? '').toLowerCase());
    if (sid === undefined || sid === holder.sid || document.kind === 'EdrProvider') continue;
    const message = `${shown(holder.name)} is ${holder.sid} here and ${sid} elsewhere.`;
    warnings.push(problemIn(document, 'TRUEUP_NAME_TWO_SIDS', holder, 'sid', message));
  }
}

function visibleText(member: Member): string {
  return shown(principalText(member));
}
