/** What a person and a script read of a scan, of the monitor and of the last runs. */
import { describe, expect, it } from 'vitest';
import type { ScanRun, ScanTotals } from '../../src/model/scan.ts';
import type { ReportedDevice, ScanReport } from '../../src/model/scan-report.ts';
import { mismatchOf } from '../../src/reconcile/scan-mismatch.ts';
import { scanStatusOf } from '../../src/reconcile/scan-monitor.ts';
import { scanJson, scanStatusJson } from '../../src/render/scan-json.ts';
import { scanStatusLine, scanStatusText } from '../../src/render/scan-status-text.ts';
import { scanText } from '../../src/render/scan-text.ts';
import { percentText } from '../../src/render/scan-words.ts';
import { cellWidth } from '../../src/render/width.ts';
import { expectGolden } from '../golden.ts';
import { validator } from './schema.ts';

const brief = { color: false, devices: false };

const none: ReportedDevice = {
  device: 'SRV-0007.corp.example',
  source: 'cached',
  failure: 'offline',
  message: 'it does not answer; last seen 2026-03-02 09:14Z',
  seconds: 1.2,
  administrators: null,
};

const report: ScanReport = {
  version: 1,
  run: 'a1b2c3d4e5f6',
  kind: 'scan',
  status: 'partial',
  provider: 'Production Tanium',
  group: 'All Windows Computers',
  targeted: 10_000,
  answered: 9_493,
  matched: 9_498,
  unmatched: 500,
  missing: 2,
  completed: 9_491,
  failed: 2,
  skipped: 1,
  offline: 5,
  updated: 17,
  retried: 2,
  fallback: 9,
  apiCalls: 42,
  apiErrors: 3,
  seconds: 83.4,
  mismatch: mismatchOf(10_000, 500, 2, 9_502),
  nobody: null,
  notScanned: { 'scan-disabled': 4, 'other-provider': 0, 'not-windows': 1 },
  devices: [
    { ...none, device: 'LAB-PC-9', failure: 'malformed', message: 'the answer is no inventory: perhaps cut' },
    { ...none, device: 'OLD-1', source: 'realtime', failure: 'os-too-old', message: 'skipped: Windows 7 is older' },
    none,
    { ...none, device: 'RETIRED-1', failure: 'not-found', message: 'not found in Tanium' },
  ],
  device: null,
  names: {},
};

const ofOne: ScanReport = {
  ...report,
  kind: 'device',
  status: 'completed',
  group: null,
  mismatch: null,
  seconds: 31,
  devices: [],
  device: {
    ...none,
    source: 'realtime',
    failure: null,
    message: 'scanned in real time',
    administrators: [
      'S-1-5-21-1004336348-1177238915-682003330-512',
      'S-1-5-21-3623811015-3361044348-30300820-1188',
      '~-500',
    ],
  },
  names: { 'S-1-5-21-1004336348-1177238915-682003330-512': 'CORP\\Domain Admins', '~-500': 'Administrator' },
};

const hostile = 'PC\u202e\u001b[2J\r\n=cmd|x \ud800';

const totals: ScanTotals = {
  targeted: 10_000,
  matched: 9_500,
  unmatched: 500,
  missing: 2,
  completed: 9_100,
  failed: 30,
  offline: 370,
  fallback: 400,
  updated: 17,
};

const run: ScanRun = {
  id: 'a1b2c3d4e5f6',
  kind: 'bulk',
  provider: 'Production Tanium',
  group: 'All Windows Computers',
  startedAt: '2026-03-02T09:14:08.000Z',
  endedAt: '2026-03-02T09:15:32.000Z',
  status: 'partial',
  questionId: '7',
  actionId: null,
  totals,
  retries: 2,
  apiCalls: 42,
  apiErrors: 0,
  durationSeconds: 84,
  errors: [
    'LAB-PC-9, SRV-0012.corp.example: the answer is no inventory: neither JSON nor a known marker; perhaps cut',
    ...Array.from({ length: 6 }, (_, index) => `PC-${index}: the sensor has no answer: TSE-Error ${index}`),
  ],
};

const earlier: ScanRun[] = [
  {
    ...run,
    id: 'e5',
    kind: 'scan',
    status: 'completed',
    totals: { ...totals, matched: 400, missing: 0, completed: 400 },
  },
  { ...run, id: 'd4', status: 'completed', totals: { ...totals, matched: 9_500, missing: 0, completed: 9_500 } },
  { ...run, id: 'c3', status: 'interrupted', totals: { ...totals, completed: 2_000 }, durationSeconds: 12 },
  { ...run, id: 'b2', status: 'completed', totals: { ...totals, matched: 0, missing: 0, completed: 0 } },
];
const request = { id: 'c1', name: 'A', requestedAt: '2026-03-02T09:15:00.000Z', by: 'me', reason: 'fallback' } as const;
const queue = [
  { ...request, inProgress: { since: request.requestedAt, holder: 'x' }, attempts: 1 },
  { ...request, id: 'c2', inProgress: null, attempts: 0 },
];
const status = scanStatusOf('Production Tanium', [run, ...earlier], queue, '2026-03-02T09:20:00.000Z');

describe('the text of a scan', () => {
  it('tells whom it reached, who is left and why, and what a mismatch costs', () => {
    expectGolden('scan.txt', scanText(report, brief));
  });

  it('tells of one device who its administrators are', () => {
    expectGolden('scan-device.txt', scanText(ofOne, brief));
  });

  it('#139 says no data where nobody was to be scanned', () => {
    const empty = {
      ...report,
      matched: 0,
      missing: 0,
      completed: 0,
      failed: 0,
      offline: 0,
      devices: [],
      mismatch: null,
    };
    expect(scanText(empty, brief).trimEnd().split('\n').at(-1)).toBe('No data: no computer is to be scanned.');
  });

  it('shows what hostile names hold, and no line is wider than the terminal', () => {
    const devices = Array.from({ length: 40 }, (_, index) => ({
      ...none,
      device: `${hostile}${index}`,
      message: hostile,
    }));
    const text = scanText({ ...report, devices, group: hostile }, { ...brief, columns: 80 });
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('\\u{202E}');
    expect(text).toContain('and 20 more; --devices shows them all');
    for (const line of text.split('\n')) expect(cellWidth(line), line).toBeLessThanOrEqual(80);
  });
});

describe('the monitor', () => {
  it('#134 #138 shows progress, success rate and failures, each figure with what to do, and the last runs as a chart', () => {
    expectGolden('scan-status.txt', scanStatusText(status, brief));
  });

  it('tells on one line what is abnormal', () => {
    const abnormal = { ...run, totals: { ...totals, completed: 9_000, fallback: 500 } };
    const line = scanStatusLine(scanStatusOf('P', [abnormal], [], run.startedAt));
    expect(line).toContain('Success Rate 94.73 %: Check Tanium agent health');
    expect(line).toContain('Fallback Count 5.26 %: Investigate device issues');
    expect(line.indexOf('\n')).toBe(line.length - 1);
  });

  it('shows what hostile names hold', () => {
    const text = scanStatusText(
      scanStatusOf('P', [{ ...run, errors: [hostile], group: hostile }], [], run.startedAt),
      brief,
    );
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(text).toContain('\\u{202E}');
  });

  it('has nothing to show before the first scan', () => {
    const text = scanStatusText(scanStatusOf('P', [], [], run.startedAt), brief);
    expect(text).toContain('bulk scan   no data');
    expect(text).toContain('queue       empty');
  });

  it('never rounds a figure up to its limit', () => {
    expect([percentText(94.9999), percentText(95), percentText(4.999), percentText(100)]).toEqual([
      '94.99 %',
      '95.00 %',
      '4.99 %',
      '100.00 %',
    ]);
  });
});

describe('the JSON', () => {
  it.each([
    ['scan', report],
    ['one device', ofOne],
    ['hostile names', { ...report, group: hostile, devices: [{ ...none, device: hostile }] }],
  ])('of a scan is what scan.schema.json says (%s)', (_, given) => {
    const validate = validator('scan');
    const text = scanJson(given);
    expect(validate(JSON.parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  });

  it('of the monitor is what scan-status.schema.json says', () => {
    const validate = validator('scan-status');
    expect(validate(JSON.parse(scanStatusJson(status))), JSON.stringify(validate.errors)).toBe(true);
    expectGolden('scan-status.json', scanStatusJson(status));
  });
});
