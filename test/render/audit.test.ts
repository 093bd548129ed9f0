import { expect, it } from 'vitest';
import type { AuditRecord } from '../../src/model/audit.ts';
import { auditText } from '../../src/render/audit-text.ts';

const view = { color: false, devices: true };

function told(kind: AuditRecord['kind'], detail: AuditRecord['detail']): string {
  const record: AuditRecord = {
    number: 1,
    at: '2026-03-02T09:14:00.000Z',
    by: 'kim@ops',
    commit: null,
    provider: 'Production Tanium',
    run: 'a1b2c3d4e5f6',
    kind,
    detail,
    previous: '',
    hash: '',
  };
  return auditText([record], 0, view).replaceAll(/\s+/g, ' ');
}

it.each([
  ['apply', { plan: '7f3c9a1e', changes: 1, actions: 1 }, 'applies plan 7f3c9a1e, 1 change, 1 action in run'],
  ['apply', { plan: '7f3c9a1e', changes: 2, actions: 1240 }, 'applies plan 7f3c9a1e, 2 changes, 1,240 actions in run'],
  ['trial', { device: 'SRV-1', account: 'trueup_doctor' }, 'tries out changes on SRV-1, with an account of its own'],
  ['attribution', { devices: 1, differences: 3 }, 'asks who made what: 1 device, 3 differences in run'],
] as const)('one is told as one, and more as more (%s, %o)', (kind, detail, words) => {
  expect(told(kind, detail)).toContain(words);
});
