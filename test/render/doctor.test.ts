/** What a person reads of a diagnosis. */
import { expect, it } from 'vitest';
import type { DoctorReport } from '../../src/model/doctor.ts';
import { doctorHtml } from '../../src/render/doctor-html.ts';
import { doctorJson } from '../../src/render/doctor-json.ts';
import { doctorMarkdown } from '../../src/render/doctor-markdown.ts';
import { doctorText } from '../../src/render/doctor-text.ts';
import { expectGolden } from '../golden.ts';
import { hostileNames } from './hostile.ts';
import { validator } from './schema.ts';

const report: DoctorReport = {
  version: 1,
  provider: 'Production Tanium',
  at: '2026-03-02T09:20:00.000Z',
  checks: [
    { id: 'host.python', status: 'ok', message: 'Python 3.10.12.', remedy: null },
    {
      id: 'npsd.version',
      status: 'skipped',
      message: 'Not looked at: no version of NPS-D is declared.',
      remedy: 'Declare it.',
    },
    {
      id: 'option.sensor_name',
      status: 'fail',
      message:
        'Tanium has no sensor named "nps admin members". Tanium has "NPS Admin Members": upper and lower case differ. (TRUEUP_SENSOR_NOT_FOUND)',
      remedy: 'Check options.sensor_name against the sensor in Tanium: Administration → Content → Sensors.',
    },
    {
      id: 'option.action_timeout_seconds',
      status: 'warn',
      message:
        '300 is outside the recommended range of 600 to 3600 s. It is reliability against speed: a short limit gives up on slow devices, a long one makes a run wait for them.',
      remedy: 'Set options.action_timeout_seconds to a value from 600 to 3600.',
    },
    {
      id: 'option.bulk_scan_group',
      status: 'info',
      message: '"All Windows Computers", which nobody asks.',
      remedy: null,
    },
    { id: 'row.sensor', status: 'skipped', message: 'Not looked at: option.sensor_name failed.', remedy: null },
    { id: 'row.api-token', status: 'ok', message: '200 OK: GET /api/v2/sensors, after 12 ms.', remedy: null },
  ],
  requests: 9,
  seconds: 0.4,
};

it('has a sign for each check, and what to do below it', () => {
  expectGolden('doctor.txt', doctorText(report, { color: false, devices: true, columns: 100 }));
});

it('folds away in markdown what is well', () => expectGolden('doctor.md', doctorMarkdown(report)));
it('is one page for a browser', () => expectGolden('doctor.html', doctorHtml(report)));

it('is what doctor.schema.json says', () => {
  const json = doctorJson(report);
  expect(validator('doctor')(JSON.parse(json))).toBe(true);
  expect(JSON.parse(json)).toEqual(report);
});

it('lets no name become anything but text', () => {
  const message = hostileNames.join(' ');
  const nasty: DoctorReport = { ...report, checks: [{ id: 'row.sensor', status: 'fail', message, remedy: message }] };
  expect(doctorText(nasty, { color: false, devices: true })).not.toMatch(/[\u001b\u202e\u2066]/);
  expect(doctorHtml(nasty)).not.toContain('<img src=x');
  for (const line of doctorMarkdown(nasty).split('\n')) expect(line).not.toMatch(/^\s*<(?!\/?details|summary)/);
});
