/** Compliance reports: a fleet in the middle of its work, one of hostile names, one without a sensor, a crowd. */
import type { BaselinePolicy, Compliance } from '../../src/model/compliance.ts';
import { baseline, check, report, type Seen, type Values } from '../reconcile/compliance-world.ts';
import { computer, exclusion, pattern } from '../reconcile/world.ts';
import { hostileNames } from './hostile.ts';

const good: Values = {
  'firewall.domain': true,
  'laps.mode': 'ad',
  'ntlm.level': 5,
  'os.build': '10.0.26100',
  'smb.requireSigning': true,
  'smb.v1ClientDisabled': true,
  'uac.adminPrompt': 2,
};

const checks = [
  check('smb.requireSigning', { op: 'equals', value: true }, 'high', 'smb-signing'),
  check('ntlm.level', { op: 'atLeast', value: 5 }, 'high'),
  check('laps.mode', { op: 'in', values: ['ad', 'entra'] }, 'critical'),
  check('os.build', { op: 'atLeast', value: '10.0.22631' }, 'medium'),
  check('uac.adminPrompt', { op: 'notIn', values: [0, 5] }, 'low'),
  check('firewall.domain', { op: 'equals', value: true }),
  check('smb.v1ClientDisabled', { op: 'notEquals', value: false }),
  check('tpm.enabled', { op: 'exists' }, 'info'),
];

const baselines: readonly BaselinePolicy[] = [
  baseline(checks, { os: [pattern('Windows 1*')] }),
  baseline(checks.slice(0, 2), { os: [pattern('Windows Server*')] }, 'servers'),
];

const workstations: readonly Seen[] = [
  { id: '1', state: good },
  { id: '2', state: { ...good, 'ntlm.level': 3, 'laps.mode': 'none' } },
  { id: '3', state: { ...good, 'ntlm.level': 3, 'os.build': '10.0.9600' } },
  { id: '4', state: { ...good, 'smb.requireSigning': false, 'ntlm.level': 1, 'os.build': 'Windows' } },
  { id: '5', state: null },
  { id: '6', state: good },
];

function named(name: string, os: string): Partial<Parameters<typeof computer>[1]> {
  return { name, os };
}

/** Some checks fail, one value cannot be compared, one item is reported by nobody, one device is silent, one excluded. */
export function mixed(only: { readonly device?: string; readonly baseline?: string } = {}): Compliance {
  const seen: readonly Seen[] = [
    ...workstations,
    { id: '7', name: 'SRV-7', os: 'Windows Server 2022', state: { 'smb.requireSigning': true, 'ntlm.level': 5 } },
  ];
  return report({
    baselines,
    seen,
    only,
    desired: { exclusions: [exclusion('pilot', { name: [pattern('WS-6')] })] },
    recorded: {
      computers: [
        ...['1', '2', '3', '4', '5', '6'].map((id) => computer(id, named(`WS-${id}`, 'Windows 11 Enterprise'))),
        computer('7', named('SRV-7', 'Windows Server 2022')),
      ],
    },
  });
}

export function noSensor(): Compliance {
  return report({
    baselines,
    seen: [],
    recorded: { computers: [computer('1', named('WS-1', 'Windows 11 Enterprise'))] },
    scan: {
      at: null,
      ageSeconds: 0,
      origin: 'none',
      missing: 'Tanium has no sensor named "NPS Posture". Did you mean "NPS Postures"?',
    },
  });
}

/** Three of four devices are silent. */
export function tooFew(): Compliance {
  const names = ['1', '2', '3', '4'].map((id) => computer(id, named(`WS-${id}`, 'Windows 11 Enterprise')));
  const seen = [{ id: '1', state: { ...good, 'ntlm.level': 1 } }];
  return report({ baselines: baselines.slice(0, 1), seen, recorded: { computers: names } });
}

export function allPass(): Compliance {
  return report({ baselines: [baseline(checks.slice(0, 6))], seen: [{ id: '1', state: good }] });
}

/** Devices, values and reasons that their owner chose. */
export function hostileReport(names: readonly string[] = hostileNames): Compliance {
  const seen = names.map(
    (name, index): Seen => ({
      id: String(index + 1),
      name,
      state:
        index % 3 === 2
          ? `{"v":1,"error":{"code":"X","message":${JSON.stringify(name)}}}`
          : { 'laps.mode': name.slice(0, 200) },
    }),
  );
  const laps = check('laps.mode', { op: 'equals', value: 'ad' }, 'high', names[0] ?? 'x');
  return report({ baselines: [baseline([laps], {}, names[1] ?? 'y')], seen });
}

/** 40,000 devices, each of which fails most checks. */
export function crowdReport(): Compliance {
  const seen = Array.from(
    { length: 40_000 },
    (_, index): Seen => ({
      id: String(index + 1),
      name: `WS-${String(index).padStart(5, '0')}.corp.example`,
      state: {
        ...good,
        'ntlm.level': index % 3,
        'smb.requireSigning': false,
        'laps.mode': 'none',
        'uac.adminPrompt': 0,
        'firewall.domain': false,
      },
    }),
  );
  return report({ baselines: [baseline(checks)], seen });
}
