/** A device that calls itself, its members and its accounts what it likes. */
import type { Plan } from '../../src/model/plan.ts';
import { computer, corp, domainAdmins, helpdesk, inventory, plan } from '../reconcile/world.ts';
import { declared } from './plans.ts';

/** Names that move the cursor, turn the reading direction, open a tag, mention a person or end a table cell. */
export const hostileNames: readonly string[] = [
  'CORP\\evil\u001b[2J\u001b[31m',
  'CORP\\x\nPlan: 0 to create, 0 to change, 0 to remove, 0 to rotate, 0 held back.',
  'CORP\\abc\u202Ecba',
  'CORP\\`code` | <img src=x onerror=alert(1)> <!--',
  'CORP\\@everyone #1 http://evil.example www.evil.example',
  'CORP\\管理者\u0301\u0301\u0301\u0301\u0301\u0301',
  '</details>\\</summary>',
  '  CORP\\two  blanks ',
  '\u0301\u200B\uD800',
];

export interface Names {
  /** Of members of Administrators that nobody declares. */
  readonly members: readonly string[];
  readonly device: string;
  readonly description: string;
}

/** What the engine makes of one device that bears these names, and of one that answers with something else. */
export function planWith({ members, device, description }: Names): Plan {
  const sids = members.map((_, index) => `${corp}-${2000 + index}`);
  const base = inventory({ admins: [domainAdmins, helpdesk, ...sids] });
  const state = {
    ...base,
    users: base.users.map((one) => (one.rid === 1001 ? { ...one, description } : one)),
    groups: base.groups.map((group) => ({
      ...group,
      members: group.members.map((one) => ({ ...one, name: members[sids.indexOf(one.sid)] ?? one.name })),
    })),
  };
  return plan({
    desired: declared,
    recorded: { computers: [computer('1', { name: device }), computer('2', { name: '@all' })] },
    seen: [
      { id: '1', name: device, state },
      { id: '2', name: '@all', state: '{"v":1,"u\n[x](http://evil.example)' },
    ],
  });
}

export function hostile(): Plan {
  return planWith({ members: hostileNames, device: 'SRV`\u202E|<b>', description: '→ "\u009b31m' });
}
