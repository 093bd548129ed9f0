/** Reports of a few rows, one of each kind of news. */
import type { AdministratorRow, CheckRow, DriftRow, Report, ReportHead, ReportName } from '../../src/model/report.ts';
import { reportText } from '../../src/render/report.ts';
import type { ReportFormat } from '../../src/render/report-format.ts';
import { contractor, domainAdmins, helpdesk, orphan } from '../reconcile/world.ts';
import { ledger } from './ledger.ts';

type RowOf<Name extends ReportName> = Report<Name>['rows'] extends AsyncIterable<infer Row> ? Row : never;

const head: Omit<ReportHead, 'report'> = {
  config: 'd366928c11816725936282c3ccd22f47bacf67c79be8fdea8d96b8e4c88d5dec',
  provider: 'Production Tanium',
  at: '2026-03-02T09:20:00.000Z',
  scan: { at: '2026-03-02T09:14:00Z', ageSeconds: 360, expected: 9950, answered: 9812 },
  warnings: [],
};

export function report<Name extends ReportName>(
  name: Name,
  rows: readonly RowOf<Name>[],
  parts: Partial<ReportHead> = {},
): Report {
  async function* stream(): AsyncGenerator<RowOf<Name>> {
    yield* rows;
  }
  return { head: { ...head, ...parts, report: name }, rows: stream() };
}

export async function written(made: Report, format: ReportFormat): Promise<string> {
  let text = '';
  for await (const piece of reportText(made, format)) text += piece;
  return text;
}

export function administrator(parts: Partial<AdministratorRow> = {}): AdministratorRow {
  return {
    device: 'SRV-1.corp.example',
    computerId: '101',
    domain: 'corp.example',
    os: 'Windows Server 2022 Standard',
    account: 'CORP\\Domain Admins',
    sid: domainAdmins,
    type: 'group',
    enabled: null,
    access: 'persistent',
    policy: 'server-admins',
    source: { file: 'policies/server-admins.yaml', line: 4 },
    since: '2026-01-12T06:00:00Z',
    orEarlier: true,
    ...parts,
  };
}

const administrators: readonly AdministratorRow[] = [
  administrator(),
  administrator({
    account: 'CORP\\contractor-x',
    sid: contractor,
    type: 'user',
    access: 'absent',
    since: '2026-03-01T17:20:00Z',
    orEarlier: false,
  }),
  administrator({ account: null, sid: orphan, type: 'unknown', access: 'kept' }),
  administrator({
    device: 'WS-2.corp.example',
    computerId: '102',
    account: 'Administrator',
    sid: '~-500',
    type: 'user',
    enabled: false,
    access: 'undeclared',
    policy: null,
    source: null,
  }),
  administrator({
    device: 'WS-2.corp.example',
    computerId: '102',
    account: 'CORP\\Help "Desk"',
    sid: helpdesk,
    access: 'jita',
  }),
];

const records: readonly DriftRow[] = ledger.map(
  ({ id: _id, run: _run, lastActor: _last, mended: _mended, ...record }) => {
    const { orphan: _orphan, at = null, log = null, check = null, ...rest } = record;
    return { ...rest, at, log, check };
  },
);

export function checkRow(parts: Partial<CheckRow> = {}): CheckRow {
  return {
    device: 'WS-1',
    computerId: '1',
    baseline: 'workstations',
    check: 'smb-signing',
    path: 'smb.requireSigning',
    op: 'equals',
    value: true,
    severity: 'high',
    verdict: 'passed',
    found: null,
    why: null,
    source: { file: 'workstations.yaml', line: 9 },
    ...parts,
  };
}

const checks: readonly CheckRow[] = [
  checkRow(),
  checkRow({
    check: 'laps.mode',
    path: 'laps.mode',
    op: 'in',
    value: ['ad', 'entra'],
    verdict: 'failed',
    found: 'none',
  }),
  checkRow({ check: 'ntlm', path: 'ntlm.level', op: 'atLeast', value: 5, verdict: 'failed', found: -1 }),
  checkRow({ device: 'WS-2', computerId: '2', verdict: 'unknown', why: 'the device did not answer' }),
];

/** By name; rows stream once, so that each call makes a report anew. */
export const samples: { readonly [Name in ReportName]: () => Report } = {
  admins: () => report('admins', administrators, { warnings: ['Of 138 more devices no inventory is known.'] }),
  drift: () => report('drift', records, { scan: null }),
  compliance: () => report('compliance', checks),
};
