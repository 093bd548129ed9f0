import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compliance } from '../../src/model/compliance.ts';
import { complianceHtml } from '../../src/render/compliance-html.ts';
import { complianceJson } from '../../src/render/compliance-json.ts';
import { complianceMarkdown } from '../../src/render/compliance-markdown.ts';
import { complianceText } from '../../src/render/compliance-text.ts';
import { longestPage } from '../../src/render/html-page.ts';
import { longestComment } from '../../src/render/markdown.ts';
import { cellWidth } from '../../src/render/width.ts';
import { expectGolden } from '../golden.ts';
import { allPass, crowdReport, hostileReport, mixed, noSensor, tooFew } from './compliance-reports.ts';
import { hostileNames } from './hostile.ts';
import { validator } from './schema.ts';

const brief = { color: false, devices: false };
const reports: Readonly<Record<string, () => Compliance>> = {
  mixed,
  noSensor,
  allPass,
  tooFew,
  hostile: hostileReport,
};

describe('a report as text', () => {
  it('is what a person found right', () => {
    expectGolden('compliance.txt', complianceText(mixed(), brief));
    expectGolden('compliance-devices.txt', complianceText(mixed(), { ...brief, devices: true }));
    expectGolden('compliance-device.txt', complianceText(mixed({ device: 'WS-4' }), brief));
    expectGolden('compliance-no-sensor.txt', complianceText(noSensor(), brief));
    expectGolden('compliance-all-pass.txt', complianceText(allPass(), brief));
  });

  it('fits a screen however many devices fail, and names them all where it is asked to', () => {
    const report = crowdReport();
    expect(complianceText(report, brief).split('\n').length).toBeLessThan(40);
    const whole = complianceText(report, { ...brief, devices: true });
    expect(whole.match(/WS-12345/g)?.length).toBeGreaterThanOrEqual(3);
  });

  it.each([60, 80, 100])('has no line wider than %d cells but the last', (columns) => {
    for (const make of Object.values(reports)) {
      const lines = complianceText(make(), { ...brief, columns })
        .trimEnd()
        .split('\n');
      for (const line of lines.slice(0, -1)) expect(cellWidth(line)).toBeLessThanOrEqual(columns);
    }
  });

  it('ends with how the fleet stands, and never calls too little data a share of it', () => {
    const lastOf = (report: Compliance): string | undefined =>
      complianceText(report, brief).trimEnd().split('\n').at(-1);
    expect(lastOf(mixed())).toBe('Compliance 79.3 %: 23 checks passed, 6 failed, 13 unknown, on 6 devices.');
    expect(lastOf(allPass())).toBe('Compliance 100 %: 6 checks passed, 0 failed, on 1 device.');
    expect(lastOf(noSensor())).toBe('No data: 8 checks unknown, on 1 device.');
    expect(lastOf(tooFew())).toBe(
      'Too little data: 1 of 4 devices were observed. 85.7 %: 6 checks passed, 1 failed, 25 unknown, on 4 devices.',
    );
  });

  it('says what it was narrowed to', () => {
    const text = complianceText(mixed({ baseline: 'servers' }), { ...brief, columns: 120 });
    expect(text.split('\n')[0]).toMatch(/ {3}only baseline servers$/);
    expect(text).not.toContain('workstations');
    expect(complianceMarkdown(mixed({ device: 'ws-4' }))).toContain('only device `WS-4`');
  });

  it('tells why nothing is known once, not with every check', () => {
    const text = complianceText(noSensor(), brief);
    expect(text.match(/no sensor named/g)).toHaveLength(1);
    const silent = complianceText(mixed(), brief);
    expect(silent.match(/did not answer/g)).toHaveLength(1);
  });
});

describe('a report as JSON', () => {
  const validate = validator('compliance');

  it.each(Object.entries(reports))('is what compliance.schema.json says (%s)', (_, make) => {
    validate(JSON.parse(complianceJson(make())));
    expect(validate.errors).toBeNull();
  });

  it('has everything, and is what a person found right', () => {
    expectGolden('compliance.json', complianceJson(mixed()));
    expect(JSON.parse(complianceJson(mixed()))).toEqual(mixed());
  });
});

describe('a report as markdown', () => {
  it('shows what fails, and folds what passed', () => {
    const text = complianceMarkdown(mixed());
    expectGolden('compliance.md', text);
    expect(text.split('<details>')[0]).not.toContain('firewall.domain');
  });

  it('fits a comment however many devices fail', () => {
    expect(complianceMarkdown(crowdReport()).length).toBeLessThanOrEqual(longestComment);
  });
});

describe('a report as a page', () => {
  it('is what a person found right', () => {
    expectGolden('compliance.html', complianceHtml(mixed()));
  });

  it('stays light however many devices fail, and says that it leaves something out', () => {
    const page = complianceHtml(crowdReport());
    expect(page.length).toBeLessThanOrEqual(longestPage);
    expect(page).toContain('Shortened to stay light');
  });
});

it('hostile names never leave their place', () => {
  const anything = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom(...hostileNames));
  fc.assert(
    fc.property(fc.array(anything, { minLength: 3, maxLength: 6 }), (names) => {
      const report = hostileReport(names);
      for (const devices of [false, true]) {
        const text = complianceText(report, { ...brief, devices });
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
        expect(text.split('\n').filter((line) => /^(?:Compliance|No data|Too little)/.test(line))).toHaveLength(1);
      }
      expect(JSON.parse(complianceJson(report))).toEqual(JSON.parse(JSON.stringify(report)));
      const markdown = complianceMarkdown(report);
      expect(markdown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      for (const line of markdown.split('\n')) if (line.startsWith('| ')) expect(line.split('|')).toHaveLength(7);
      const tags = complianceHtml(report)
        .replace(/<style>.*?<\/style>/s, '')
        .replace(/<script>.*?<\/script>/s, '')
        .match(/<(?!\/)[a-z]+/g);
      expect(new Set(tags)).not.toContain('<img');
    }),
    { numRuns: 60 },
  );
});
