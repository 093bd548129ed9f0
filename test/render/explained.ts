/** Explanations as the engine really makes them, with what a store would remember beside them. */
import type { Explanation } from '../../src/model/explanation.ts';
import { localSid } from '../../src/model/sid.ts';
import { explainDevice } from '../../src/reconcile/explain.ts';
import { reconcile } from '../../src/reconcile/reconcile.ts';
import {
  account,
  breakglass,
  computer,
  computers,
  contractor,
  corp,
  domainAdmins,
  exclusion,
  helpdesk,
  inputOf,
  inventory,
  member,
  membership,
  orphan,
  pattern,
  user,
  type World,
} from '../reconcile/world.ts';
import { drift } from './ledger.ts';
import { declared, noted } from './plans.ts';
import { rotationWorld } from './rotations.ts';

function explanation(world: World, device: string, parts: Partial<Explanation> = {}): Explanation {
  const input = inputOf(world);
  const { plan } = reconcile(input);
  const told = explainDevice(input, device);
  const actions = plan.actions
    .filter(({ targets }) => targets.includes(told.computerId ?? ''))
    .map(({ key, stages, wave }, index, own) => ({ key, stages, wave, after: own[index - 1]?.key ?? null }));
  return {
    ...told,
    plan: { digest: plan.digest, refusal: plan.refusal, actions },
    lastAction: null,
    drift: [],
    ...parts,
  };
}

/** One password that somebody else has set, and one that is too old at a time at which it may not be changed. */
export function rotatedDevice(): Explanation {
  return explanation(rotationWorld(), 'SRV-215');
}

const seen = inventory({
  users: [{ ...breakglass, enabled: false, description: 'For emergencies', flags: ['nx'] }, user(1005, 'jdoe')],
  admins: [domainAdmins, contractor, orphan, localSid(1005), `${corp}-4711`],
});

/** Drifted since it was as declared; one thing is held, one failed, one is kept, one may come for a time. */
export function explained(): Explanation {
  const own = membership({
    name: 'server-admins',
    line: 4,
    mode: 'exact',
    members: [member(domainAdmins), member(helpdesk, 'jita')],
    keep: [pattern(`${corp}-47*`)],
  });
  const lastScan = {
    success: false,
    msg: 'it does not answer; last seen 2026-03-02 09:14Z',
    error: 'offline',
    duration: 2.5,
    scanTs: '2026-03-02T09:18:02.000Z',
    source: 'bulk',
  } as const;
  const failedSubjects = ['account.enable account=corp_breakglass'];
  return explanation(
    {
      desired: { ...declared, memberships: [own] },
      recorded: {
        computers: [
          computer('1', { appliedSignature: 'k', failedSubjects, lastSeenAt: '2026-03-02T09:14:31Z', lastScan }),
        ],
        applied: noted(),
      },
      seen: [{ id: '1', state: seen }],
      scan: { ageSeconds: 360 },
    },
    'srv-1',
    {
      lastAction: {
        name: 'Trueup 5f2a 657ca9b9287a',
        state: 'settled',
        actionId: '17',
        intendedAt: '2026-03-02T09:00:00.000Z',
        expiresAt: '2026-03-02T10:00:00.000Z',
        outcome: 'failed',
        run: { id: '5f2a', kind: 'apply', status: 'done', by: 'ann@host', startedAt: '2026-03-02T08:59:00.000Z' },
      },
      drift: [
        drift('a', 'SRV-1', { actor: 'CORP\\helpdesk-7' }),
        drift('b', 'SRV-1', { state: 'resolved', count: 2, kind: 'account.delete', subject: { account: 'temp' } }),
      ],
    },
  );
}

/** Enrolled, excluded and silent: only what is declared can be told. */
export function silent(): Explanation {
  return explanation(
    {
      desired: { ...declared, exclusions: [exclusion('cluster', { name: [pattern('SRV-8')] })] },
      recorded: { computers: [computer('8', { pendingUntil: '2026-03-03T09:00:00Z' }), computer('9')] },
      seen: [{ id: '9' }],
    },
    '8',
  );
}

/** Somebody with jita works there now, in an exact group. */
export function visited(): Explanation {
  const own = membership({ line: 4, mode: 'exact', members: [member(domainAdmins), member(contractor, 'jita')] });
  return explanation(
    {
      desired: { ...declared, memberships: [own] },
      recorded: { computers: [computer('1', { sessions: [contractor] })] },
      seen: [{ id: '1', state: inventory({ admins: [domainAdmins, contractor] }) }],
    },
    '1',
  );
}

/** Excluded, and seen all the same. */
export function fallen(): Explanation {
  return explanation(
    {
      desired: { ...declared, exclusions: [exclusion('cluster', { name: [pattern('SRV-1')] })] },
      seen: [{ id: '1', state: seen }],
    },
    '1',
  );
}

/** No policy selects it. */
export function stranger(): Explanation {
  return explanation(
    { desired: { computers: [computers({ selector: { name: [pattern('WS-*')] }, scan: true })] }, seen: [{ id: '1' }] },
    '1',
  );
}

/** Names of a member, of an account and of what it says of itself, as a device may have them. */
export function anybody(names: {
  readonly member: string;
  readonly account: string;
  readonly description: string;
}): Explanation {
  const base = inventory({
    users: [{ ...breakglass, description: names.description }, user(1005, names.account)],
    admins: [contractor],
  });
  const groups = base.groups.map((group) => ({
    ...group,
    members: group.members.map((one) => (one.sid === contractor ? { ...one, name: names.member } : one)),
  }));
  return explanation(
    {
      desired: { ...declared, accounts: [account({ properties: { Description: 'x' } })] },
      seen: [{ id: '1', state: { ...base, groups } }],
    },
    '1',
  );
}
