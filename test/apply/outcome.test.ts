import { describe, expect, it } from 'vitest';
import { type KnownIdentity, outcomeOf } from '../../src/apply/outcome.ts';
import { encodeReport, type Report } from '../../src/endpoint/report.ts';
import type { Operation } from '../../src/model/operation.ts';
import { ADMINISTRATORS } from '../../src/model/sid.ts';

const machineSid = 'S-1-5-21-100-200-300';
const operations: readonly Operation[] = [
  { kind: 'account.enable', account: { name: 'corp_breakglass' } },
  { kind: 'group.remove', group: ADMINISTRATORS, members: [{ sid: 'S-1-5-21-1-2-3-1106' }] },
];
const known: KnownIdentity = { name: 'SRV-1.corp.example', machineSid };

function report(n: number, parts: Partial<Report> = {}): string {
  const meta = { script: '1.0.0', computer: 'SRV-1', sid: machineSid, domain: null, action: null, ms: 1 };
  return encodeReport({ n, of: 2, meta, status: 'ok', changed: true, data: null, error: null, ...parts }, 'base64');
}

function outcome(lines: readonly string[] | null, identity = known) {
  const log = lines === null ? null : { computerId: '1', name: 'SRV-1', lines };
  return outcomeOf({ operations }, '1', 'SRV-1', identity, log);
}

describe('the outcome of a device', () => {
  it('is ok when every command reported so', () => {
    expect(outcome([report(1), report(2)])).toMatchObject({ status: 'ok', machineSid, failure: null });
  });

  it('is a failure with the code of the device, and names what was not done', () => {
    const error = { code: 'access-denied', message: 'no rights', native: null } as const;
    const lines = [report(1), report(2, { status: 'failed', changed: false, error })];
    expect(outcome(lines)).toMatchObject({
      status: 'failed',
      failure: { device: 'SRV-1', code: 'access-denied', message: 'no rights' },
      failedOperations: [operations[1]],
    });
  });

  it('is a failure when the command ended without a report, whatever Tanium says', () => {
    for (const lines of [null, [], ['The system cannot find the file specified.'], ['<html>', '{"v":9}', '\u0000']]) {
      expect(outcome(lines)).toMatchObject({ status: 'failed', failure: { code: 'no-report' } });
    }
    expect(outcome([]).failedOperations).toEqual(operations);
  });

  it('is unknown for the commands whose report was cut off, and good for those before', () => {
    const cut = outcome([report(1)]);
    expect(cut.failure?.message).toBe('the output was cut: 1 of 2 reports came, the outcome of the others is unknown');
    expect(cut.failedOperations).toEqual([operations[1]]);
  });

  it('is believed only of the machine that the record is of', () => {
    const other = report(1, {
      meta: { script: null, computer: 'SRV-1', sid: 'S-1-5-21-9-9-9', domain: null, action: null, ms: null },
    });
    const conflict = outcome([other, report(2)]);
    expect(conflict).toMatchObject({ status: 'failed', failure: { code: 'identity' }, machineSid: null });
    expect(conflict.identityConflict).toContain('S-1-5-21-9-9-9');
    expect(outcome([report(1), report(2)], { name: 'SRV-2', machineSid: null }).failure?.code).toBe('identity');
  });

  it('is not believed where a report does not say whose it is', () => {
    const nameless = outcome([report(1), report(2, { meta: null })]);
    expect(nameless.failure).toEqual({
      device: 'SRV-1',
      code: 'no-report',
      message: 'a report does not say which machine it is of',
    });
    expect(nameless.failedOperations).toEqual([operations[1]]);
  });

  it('takes the first report of a new device for its identity, and insists on it within the action', () => {
    const fresh = { name: 'SRV-1', machineSid: null };
    expect(outcome([report(1), report(2)], fresh)).toMatchObject({ status: 'ok', machineSid });
    const second = report(2, {
      meta: { script: null, computer: 'SRV-1', sid: 'S-1-5-21-9-9-9', domain: null, action: null, ms: null },
    });
    expect(outcome([report(1), second], fresh).failure?.code).toBe('identity');
  });
});
