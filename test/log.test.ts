import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openLogs } from '../src/log.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'trueup-log-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe('#142 the logs', () => {
  it('are three files under the names that NPS-D gives them, a JSON document a line', () => {
    const directory = join(folder(), 'deep', 'down');
    const logs = openLogs(directory);
    logs.scan.info({ run: 'r1' }, 'plan');
    logs.bulk.error({ event: 'bulk_scan' }, 'bulk_scan failed');
    logs.api.info({ method: 'GET', status: 200 }, 'request');
    for (const [name, message] of [
      ['svc_scan.log', 'plan'],
      ['bulk_scan.log', 'bulk_scan failed'],
      ['tanium_api.log', 'request'],
    ] as const) {
      const path = join(directory, name);
      const [line, rest] = readFileSync(path, 'utf8').split('\n');
      expect(JSON.parse(line ?? '')).toMatchObject({
        msg: message,
        level: expect.any(String),
        time: expect.stringMatching(/^\d{4}-.*Z$/),
      });
      expect(rest).toBe('');
      expect(statSync(path).mode & 0o077).toBe(0);
    }
    logs.close();
  });

  it('#143 show no secret, even where one was handed to them', () => {
    const directory = folder();
    const logs = openLogs(directory);
    logs.api.info(
      {
        session: 'token-s3cret',
        headers: { session: 'token-s3cret', 'proxy-authorization': 'Basic s3cret' },
        proxy: { a: { password: 's3cret' } },
      },
      'request',
    );
    logs.close();
    const text = readFileSync(join(directory, 'tanium_api.log'), 'utf8');
    expect(text).toContain('[secret]');
    expect(text).not.toContain('s3cret');
  });

  it('go on where they ended', () => {
    const directory = folder();
    for (const run of ['a', 'b']) {
      const logs = openLogs(directory);
      logs.scan.info(run);
      logs.close();
    }
    expect(readFileSync(join(directory, 'svc_scan.log'), 'utf8').trim().split('\n')).toHaveLength(2);
  });

  it('are none where no folder is named', () => {
    const logs = openLogs(null);
    logs.scan.info('nothing');
    logs.close();
  });

  it('name the file that cannot be written', () => {
    const file = join(folder(), 'file');
    writeFileSync(file, '');
    expect(() => openLogs(file)).toThrow(expect.objectContaining({ code: 'TRUEUP_USAGE' }));
  });
});
