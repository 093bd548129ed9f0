/** Everything that the program prints about names, each a function of one name that stands in all of its places. */

import { TrueupError } from '../../src/errors.ts';
import type { ApplyResult } from '../../src/model/apply.ts';
import type { AuditRecord } from '../../src/model/audit.ts';
import { auditRoot } from '../../src/model/audit.ts';
import type { DriftRecord } from '../../src/model/drift.ts';
import type { Explanation } from '../../src/model/explanation.ts';
import type { KeptPassword, PasswordHistory } from '../../src/model/password-history.ts';
import type { Plan } from '../../src/model/plan.ts';
import type { DriftRow, Report } from '../../src/model/report.ts';
import type { ReportedDevice, ScanReport, ScanStatusReport } from '../../src/model/scan-report.ts';
import { scanStatusOf } from '../../src/reconcile/scan-monitor.ts';
import { applyJson } from '../../src/render/apply-json.ts';
import { applyText } from '../../src/render/apply-text.ts';
import { auditJson } from '../../src/render/audit-json.ts';
import { auditText } from '../../src/render/audit-text.ts';
import { complianceHtml } from '../../src/render/compliance-html.ts';
import { complianceJson } from '../../src/render/compliance-json.ts';
import { complianceMarkdown } from '../../src/render/compliance-markdown.ts';
import { complianceText } from '../../src/render/compliance-text.ts';
import { driftHtml } from '../../src/render/drift-html.ts';
import { driftJson } from '../../src/render/drift-json.ts';
import { driftMarkdown } from '../../src/render/drift-markdown.ts';
import { driftText } from '../../src/render/drift-text.ts';
import { errorJson, errorText } from '../../src/render/error-text.ts';
import { explainJson } from '../../src/render/explain-json.ts';
import { explainText } from '../../src/render/explain-text.ts';
import { type KeyListing, keysJson, keysText } from '../../src/render/keys.ts';
import { historyJson, historyText } from '../../src/render/password-history.ts';
import { planHtml } from '../../src/render/plan-html.ts';
import { planJson } from '../../src/render/plan-json.ts';
import { planMarkdown } from '../../src/render/plan-markdown.ts';
import { planText } from '../../src/render/plan-text.ts';
import type { ReportFormat } from '../../src/render/report-format.ts';
import { scanJson, scanStatusJson } from '../../src/render/scan-json.ts';
import { scanStatusText } from '../../src/render/scan-status-text.ts';
import { scanText } from '../../src/render/scan-text.ts';
import { hostileReport } from '../render/compliance-reports.ts';
import { anybody } from '../render/explained.ts';
import { planWith } from '../render/hostile.ts';
import { drift } from '../render/ledger.ts';
import { administrator, checkRow, report, written } from '../render/reports.ts';
import { aScanRun } from '../store/conformance/scan-history.ts';

export type Form = 'text' | 'json' | 'markdown' | 'html' | 'csv';

export interface Output {
  readonly what: string;
  readonly form: Form;
  /** Of another name it has as many elements, cells and lines. */
  readonly of: (name: string) => string | Promise<string>;
}

const brief = { color: false, devices: false };
const whole = { color: false, devices: true };

export const outputs: readonly Output[] = [
  { what: 'a plan', form: 'text', of: (name) => planText(planOf(name), brief) },
  { what: 'a plan with its devices', form: 'text', of: (name) => planText(planOf(name), whole) },
  { what: 'a plan', form: 'json', of: (name) => planJson(planOf(name)) },
  { what: 'a plan', form: 'markdown', of: (name) => planMarkdown(planOf(name)) },
  { what: 'a plan', form: 'html', of: (name) => planHtml(planOf(name)) },
  { what: 'an apply', form: 'text', of: (name) => applyText(applied(name), brief, planOf(name)) },
  { what: 'an apply', form: 'json', of: (name) => applyJson(applied(name)) },
  { what: 'an explanation', form: 'text', of: (name) => explainText(explained(name), brief) },
  { what: 'an explanation', form: 'json', of: (name) => explainJson(explained(name)) },
  { what: 'the ledger', form: 'text', of: (name) => driftText(records(name), brief) },
  { what: 'the ledger with its devices', form: 'text', of: (name) => driftText(records(name), whole) },
  { what: 'the ledger', form: 'json', of: (name) => driftJson(records(name)) },
  { what: 'the ledger', form: 'markdown', of: (name) => driftMarkdown(records(name)) },
  { what: 'the ledger', form: 'html', of: (name) => driftHtml(records(name)) },
  { what: 'compliance', form: 'text', of: (name) => complianceText(hostileReport([name, name, name]), brief) },
  {
    what: 'compliance with its devices',
    form: 'text',
    of: (name) => complianceText(hostileReport([name, name, name]), whole),
  },
  { what: 'compliance', form: 'json', of: (name) => complianceJson(hostileReport([name, name, name])) },
  { what: 'compliance', form: 'markdown', of: (name) => complianceMarkdown(hostileReport([name, name, name])) },
  { what: 'compliance', form: 'html', of: (name) => complianceHtml(hostileReport([name, name, name])) },
  { what: 'a scan', form: 'text', of: (name) => scanText(scanned(name), brief) },
  { what: 'a scan with its devices', form: 'text', of: (name) => scanText(scanned(name), whole) },
  { what: 'a scan', form: 'json', of: (name) => scanJson(scanned(name)) },
  { what: 'a scan of one device', form: 'text', of: (name) => scanText(scannedAlone(name), brief) },
  { what: 'the monitor', form: 'text', of: (name) => scanStatusText(monitored(name), brief) },
  { what: 'the monitor', form: 'json', of: (name) => scanStatusJson(monitored(name)) },
  { what: 'the audit', form: 'text', of: (name) => auditText([audited(name)], 0, whole) },
  { what: 'the audit', form: 'json', of: (name) => auditJson([audited(name)]) },
  { what: 'the passwords of a device', form: 'text', of: (name) => historyText(historyOf(name), whole) },
  { what: 'the passwords of a device', form: 'json', of: (name) => historyJson(historyOf(name)) },
  { what: 'the keys', form: 'text', of: (name) => keysText(keysOf(name), whole) },
  { what: 'the keys', form: 'json', of: (name) => keysJson(keysOf(name)) },
  { what: 'an error', form: 'text', of: (name) => errorText(failed(name), { color: false }) },
  { what: 'an error', form: 'json', of: (name) => errorJson(failed(name)) },
  ...(['csv', 'json', 'markdown', 'html'] as const).flatMap(reportsAs),
];

function reportsAs(format: ReportFormat): Output[] {
  return [
    { what: 'the report on administrators', form: format, of: (name) => written(adminsOf(name), format) },
    { what: 'the report on drift', form: format, of: (name) => written(report('drift', driftRows(name)), format) },
    { what: 'the report on compliance', form: format, of: (name) => written(checksOf(name), format) },
  ];
}

function planOf(name: string): Plan {
  return planWith({ members: [name, `CORP\\${name}`], device: name, description: name });
}

function applied(name: string): ApplyResult {
  const plan = planOf(name);
  return {
    run: 'a1b2c3d4e5f6',
    plan: plan.digest,
    actions: plan.actions.map(({ key, devices }) => ({ key, devices: devices.length, ok: 0, failed: 1, pending: 0 })),
    converged: false,
    failed: [{ device: name, code: 'in-use', message: name }],
    pending: [name],
    held: 1,
    gates: [
      {
        wave: 1,
        name,
        devices: 5,
        healthy: 5,
        passed: true,
        percent: 99,
        withinSeconds: 60,
        source: { file: name, line: 1 },
      },
    ],
  };
}

function explained(name: string): Explanation {
  const told = anybody({ member: name, account: name, description: name });
  return { ...told, device: name, name, domain: name, os: name, drift: records(name) };
}

function records(name: string): DriftRecord[] {
  const subject = { group: 'S-1-5-32-544', member: 'S-1-5-21-1-2-3-1105', name };
  return [
    drift('a', name, { subject, policy: name, actor: name, at: '2026-03-02T08:12:40Z' }),
    drift('b', name, { kind: 'account.set', subject: { account: name, property: name }, state: 'resolved' }),
    drift('c', name, {
      kind: 'compliance.check',
      subject: { baseline: name, check: name },
      check: { path: name, found: name, severity: 'high' },
    }),
  ];
}

function driftRows(name: string): DriftRow[] {
  return records(name).map(({ id: _id, run: _run, at = null, log = null, check = null, ...record }) => {
    return { ...record, at, log, check };
  });
}

function scanned(name: string): ScanReport {
  const device: ReportedDevice = {
    device: name,
    source: 'cached',
    failure: 'offline',
    message: name,
    seconds: 1,
    administrators: null,
  };
  return {
    version: 1,
    run: 'a1b2c3d4e5f6',
    kind: 'scan',
    status: 'partial',
    provider: name,
    group: name,
    targeted: 2,
    answered: 1,
    matched: 2,
    unmatched: 0,
    missing: 0,
    completed: 1,
    failed: 0,
    skipped: 0,
    offline: 1,
    updated: 0,
    retried: 0,
    fallback: 0,
    apiCalls: 4,
    apiErrors: 0,
    seconds: 2,
    mismatch: null,
    nobody: name,
    notScanned: { 'scan-disabled': 0, 'other-provider': 0, 'not-windows': 0 },
    devices: [device],
    device: null,
    names: { '~-500': name },
  };
}

function scannedAlone(name: string): ScanReport {
  const report = scanned(name);
  const [device] = report.devices;
  return { ...report, kind: 'device', device: device ? { ...device, administrators: ['~-500'] } : null };
}

function monitored(name: string): ScanStatusReport {
  const run = aScanRun('a1b2c3d4e5f6', { provider: name, group: name, errors: [name, `${name}: ${name}`] });
  const request = { id: name, name, requestedAt: run.startedAt, by: name, reason: 'asked' } as const;
  return scanStatusOf(name, [run], [{ ...request, inProgress: null, attempts: 0 }], '2026-03-02T09:30:00.000Z');
}

function audited(name: string): AuditRecord {
  return {
    number: 1,
    at: '2026-03-02T09:00:00.000Z',
    kind: 'allowance',
    by: name,
    commit: null,
    provider: name,
    run: 'a1b2c3d4e5f6',
    detail: { guard: 'last-admin', device: name, reason: name },
    previous: auditRoot,
    hash: auditRoot,
  };
}

function historyOf(name: string): PasswordHistory {
  const at = '2026-03-02T09:00:00.000Z';
  const password: KeptPassword = {
    rotation: name,
    attempt: 1,
    state: 'current',
    setAt: at,
    keptAt: at,
    endedAt: at,
    confirmed: true,
    acknowledged: true,
    handedOutAt: at,
    recoveryKeys: [name],
    reveals: [{ at, by: name, reason: name }],
  };
  const open = { rotation: name, askedAt: at };
  return { device: name, computerId: name, accounts: [{ account: name, rid: 500, open, passwords: [password] }] };
}

function keysOf(name: string): KeyListing {
  const counts = { passwords: 1, rotationKeys: 1 };
  return { place: name, keys: [{ id: '3fa2c1d09b8e7766', madeAt: null, here: false, newest: false, ...counts }] };
}

function failed(name: string): TrueupError {
  return new TrueupError('TRUEUP_DEVICE_NOT_FOUND', `No device is called ${name}.`, {
    cause: name,
    remedy: name,
    source: `${name}:1`,
  });
}

function adminsOf(name: string): Report {
  const row = administrator({ device: name, domain: name, os: name, account: name, policy: name });
  return report('admins', [row, { ...row, source: { file: name, line: 1 } }], { provider: name, warnings: [name] });
}

function checksOf(name: string): Report {
  const text = { device: name, baseline: name, check: name, path: name, source: { file: name, line: 1 } };
  const rows = [
    checkRow({ ...text, value: name, verdict: 'failed', found: name }),
    checkRow({ ...text, op: 'in', value: [name, 1], verdict: 'unknown', why: name }),
  ];
  return report('compliance', rows, { provider: name, warnings: [name] });
}
