import { describe, expect, it } from 'vitest';
import { type KnownIdentity, outcomeOf } from '../../src/apply/outcome.ts';
import { otherScripts } from '../../src/apply/script-version.ts';
import { decodeReports, encodeReport, type Report } from '../../src/endpoint/report.ts';
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

function outcome(lines: readonly string[], identity = known) {
  return outcomeOf({ operations }, '1', 'SRV-1', identity, decodeReports(lines));
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
    for (const lines of [[], ['The system cannot find the file specified.'], ['<html>', '{"v":9}', '\u0000']]) {
      expect(outcome(lines)).toMatchObject({ status: 'failed', failure: { code: 'no-report' } });
    }
    expect(outcome([]).failedOperations).toEqual(operations);
  });

  it('is unknown for the commands whose report was cut off, and good for those before', () => {
    const cut = outcome([report(1)]);
    expect(cut.failure?.message).toBe('the output was cut: 1 of 2 reports came, the outcome of the others is unknown');
    expect(cut.failedOperations).toEqual([operations[1]]);
  });

  it('is unknown for a command of which two reports say different things', () => {
    const contested = outcome([report(1), report(2), report(2, { changed: false })]);
    expect(contested.failure).toMatchObject({
      code: 'no-report',
      message: 'two reports of command 2 contradict each other: its outcome is unknown',
    });
    expect(contested.failedOperations).toEqual([operations[1]]);
    expect(outcome([report(1), report(2), report(2)]).status).toBe('ok');
  });

  it('is unknown where the reports are those of another action', () => {
    const more = outcome([report(1, { of: 3 }), report(2, { of: 3 }), report(3, { of: 3 })]);
    expect(more.failure).toMatchObject({
      code: 'no-report',
      message: 'the reports are of an action with 3 commands, and this one has 2: its outcome is unknown',
    });
    const meta = { script: '1.0.0', computer: 'SRV-1', sid: machineSid, domain: null, ms: 1 };
    const right = [
      report(1, { meta: { ...meta, action: 'LocalUser.Enable' } }),
      report(2, { meta: { ...meta, action: 'LocalGroup.RemoveMember' } }),
    ];
    expect(outcome(right).status).toBe('ok');
    const other = outcome([report(1), report(2, { meta: { ...meta, action: 'LocalGroup.AddMember' } })]);
    expect(other.failure?.message).toBe(
      'report 2 is of LocalGroup.AddMember, and the command was LocalGroup.RemoveMember: its outcome is unknown',
    );
    expect(other.failedOperations).toEqual(operations);
  });

  it('says which version of the script ran, and it is told where it is not ours', () => {
    const meta = { script: '0.9.0', computer: 'SRV-1', sid: machineSid, domain: null, action: null, ms: 1 };
    const old = outcome([report(1, { meta }), report(2, { meta })]);
    expect(old).toMatchObject({ status: 'ok', script: '0.9.0' });
    const ours = outcome([report(1), report(2)]);
    expect(otherScripts([ours, ours])).toBeNull();
    expect(otherScripts([ours, old])).toBe(
      '1 device ran endpoint scripts of another version (0.9.0) than 1.0.0: renew the files of the package',
    );
    expect(otherScripts([{ script: '\u001b[2J' }])).toContain('(no version at all)');
    const many = ['5', '4', '3', '2', null].map((script) => ({ script }));
    expect(otherScripts(many)).toContain('4 devices ran endpoint scripts of another version (2, 3, 4, …)');
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

  it('knows a host by the fifteen characters that NetBIOS leaves of its name, and by no fewer', () => {
    const named = (computer: string): string[] =>
      [1, 2].map((n) =>
        report(n, { meta: { script: null, computer, sid: machineSid, domain: null, action: null, ms: null } }),
      );
    const long = { name: 'very-long-hostname-01.corp.example', machineSid: null };
    expect(outcome(named('VERY-LONG-HOSTN'), long).status).toBe('ok');
    expect(outcome(named('VERY-LONG-HOST'), long).failure?.code).toBe('identity');
    expect(outcome(named('VERY-LONG-HOSTX'), long).failure?.code).toBe('identity');
    expect(outcome(named('SRV'), { name: 'SRV-1', machineSid: null }).failure?.code).toBe('identity');
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

describe('an action that reads a log first', () => {
  const read = { complete: true, events: [] };

  function ofThree(lines: readonly string[]) {
    return outcomeOf({ operations, attribution: {} }, '1', 'SRV-1', known, decodeReports(lines));
  }

  function line(n: number, parts: Partial<Report> = {}): string {
    return report(n, { of: 3, ...parts });
  }

  it('is ok when its operations are, whatever came of the read', () => {
    const changes = [line(2), line(3, { changed: false })];
    expect(ofThree([line(1, { changed: false, data: read }), ...changes])).toMatchObject({
      status: 'ok',
      attribution: read,
      deeds: [{ state: 'changed' }, { state: 'unchanged' }],
    });
    const error = { code: 'timeout', message: 'too slow', native: null } as const;
    const broken: readonly (readonly string[])[] = [
      [],
      [line(1, { status: 'failed', changed: false, error })],
      [line(1, { data: { complete: 'perhaps' } })],
      [line(1, { data: read }), line(1, { data: { ...read, complete: false } })],
    ];
    for (const lines of broken)
      expect(ofThree([...lines, ...changes])).toMatchObject({ status: 'ok', attribution: null });
  });

  it('has failed where the device ran nothing after the read, and says why', () => {
    const error = { code: 'bad-argument', message: 'no such action', native: null } as const;
    const lines = [
      line(1, { status: 'failed', changed: false, error }),
      line(2, { status: 'skipped', changed: false }),
      line(3, { status: 'skipped', changed: false }),
    ];
    expect(ofThree(lines)).toMatchObject({
      status: 'failed',
      failure: { code: 'bad-argument', message: 'no such action' },
      failedOperations: operations,
      deeds: [{ state: 'not-run' }, { state: 'not-run' }],
    });
  });

  it('knows of each operation whether it changed anything', () => {
    const members = ['S-1-5-21-1-2-3-1106', 7, 'nobody'];
    expect(ofThree([line(1, { data: read }), line(2), line(3, { data: { members } })]).deeds).toEqual([
      { state: 'changed' },
      { state: 'changed', members: ['S-1-5-21-1-2-3-1106'] },
    ]);
    expect(ofThree([line(1, { data: read }), line(2)]).deeds).toEqual([{ state: 'changed' }, { state: 'unknown' }]);
    const stranger = { script: null, computer: 'SRV-2', sid: machineSid, domain: null, action: null, ms: null };
    expect(ofThree([line(1, { meta: stranger }), line(2), line(3)])).toMatchObject({
      status: 'failed',
      failure: { code: 'identity' },
      attribution: null,
      deeds: [{ state: 'unknown' }, { state: 'unknown' }],
    });
  });
});
