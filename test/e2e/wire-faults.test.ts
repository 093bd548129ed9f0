/** What goes wrong on the way to Tanium: one clear error, and nothing half-written. */
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/plan.ts';
import { edit, exampleFolder, type Finished, type SimulatedAction, simulatedCloud, trueup } from './trueup.ts';

/** The error as a script reads it, and that it is the only thing on standard output. */
function errorIn({ stdout, stderr }: Finished): {
  readonly code: string;
  readonly message: string;
  readonly exit: number;
} {
  const { error } = JSON.parse(stdout) as {
    error: { code: string; message: string; exit: number; cause: string; remedy: string };
  };
  expect(error.cause).not.toBe('');
  expect(error.remedy).not.toBe('');
  expect(stderr).toContain(error.code);
  return error;
}

function digestOf({ code, stdout }: Finished): string {
  expect(code).toBe(2);
  return (JSON.parse(stdout) as Plan).digest;
}

describe('the way to Tanium', { timeout: 120_000 }, () => {
  it.each([
    ['forbidden', 'TRUEUP_TANIUM_FORBIDDEN'],
    ['unauthorized', 'TRUEUP_TANIUM_UNAUTHORIZED'],
    ['gatewayUnauthorized', 'TRUEUP_TANIUM_UNAUTHORIZED'],
    ['expiredToken', 'TRUEUP_TANIUM_FORBIDDEN|TRUEUP_TANIUM_UNAUTHORIZED'],
    ['serverError', 'TRUEUP_TANIUM_SERVER'],
    ['multipleDocuments', 'TRUEUP_TANIUM_SERVER'],
    ['tooManyRequests', 'TRUEUP_TANIUM_BUSY'],
    ['html', 'TRUEUP_TANIUM_PROTOCOL|TRUEUP_TANIUM_SERVER'],
    ['cut', 'TRUEUP_TANIUM_PROTOCOL|TRUEUP_TANIUM_UNREACHABLE'],
    ['reset', 'TRUEUP_TANIUM_UNREACHABLE'],
  ])('%s ends apply in one error, and nothing is written', async (fault, codes) => {
    const cloud = await simulatedCloud('--devices', '10', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    const before = await trueup(['plan', '--json'], at);
    await cloud.tell('faults', { rates: { [fault]: 1 } });
    const failed = await trueup(['apply', '--yes', '--json'], at);
    const error = errorIn(failed);
    expect(error.code).toMatch(new RegExp(`^(?:${codes})$`));
    expect(failed.code).toBe(error.exit);
    await cloud.tell('faults', {});
    if (fault === 'expiredToken') return;
    expect(await cloud.ask<readonly SimulatedAction[]>('actions')).toEqual([]);
    expect(digestOf(await trueup(['plan', '--json'], at))).toBe(digestOf(before));
  });

  it('goes on where a request fails now and then', async () => {
    const cloud = await simulatedCloud('--devices', '30', '--drift', '0.5');
    const at = { cwd: exampleFolder(), env: cloud.env };
    await cloud.tell('faults', {
      rates: { serverError: 0.1, notFound: 0.2, zeroEstimate: 0.5, duplicateRows: 0.2 },
      seed: 3,
    });
    const plan = await trueup(['plan', '--json'], at);
    expect(plan.code).toBe(2);
    expect((JSON.parse(plan.stdout) as Plan).scan).toMatchObject({ expected: 30 });
  });

  it('names the host that does not answer', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    await new Promise((resolve) => server.close(resolve));
    const env = { TRUEUP_TANIUM_URL: `http://127.0.0.1:${port}`, TRUEUP_TANIUM_TOKEN: 'token-x' };
    const failed = await trueup(['plan', '--json'], { cwd: exampleFolder(), env });
    expect(failed.code).toBe(1);
    expect(errorIn(failed)).toMatchObject({ code: 'TRUEUP_TANIUM_UNREACHABLE' });
    expect(failed.stderr).toContain(`127.0.0.1:${port}`);
  });

  it('says which variable is missing, and that no token may be on the wire in the clear', async () => {
    const cwd = exampleFolder();
    const noUrl = await trueup(['plan', '--json'], { cwd, env: { TRUEUP_TANIUM_TOKEN: 'x' } });
    expect(errorIn(noUrl)).toMatchObject({ code: 'TRUEUP_CONFIG_INVALID' });
    expect(noUrl.stderr).toContain('TRUEUP_TANIUM_URL');
    const noToken = await trueup(['plan', '--json'], { cwd, env: { TRUEUP_TANIUM_URL: 'https://x.example' } });
    expect(errorIn(noToken)).toMatchObject({ code: 'TRUEUP_SECRET_UNREADABLE' });
    const plain = { TRUEUP_TANIUM_URL: 'http://tanium.example', TRUEUP_TANIUM_TOKEN: 'secret-in-the-clear' };
    const refused = await trueup(['plan', '--json'], { cwd, env: plain });
    expect(errorIn(refused)).toMatchObject({ code: 'TRUEUP_CONFIG_INVALID' });
    expect(refused.stdout + refused.stderr).not.toContain('secret-in-the-clear');
  });

  it('#165 tells a sensor, a package and an action group that are not there, with what is near', async () => {
    const cloud = await simulatedCloud('--devices', '10', '--drift', '0.5');
    const cases = [
      [
        'sensor_name: NPS Admin Members',
        'sensor_name: nps admin members',
        'TRUEUP_SENSOR_NOT_FOUND',
        'NPS Admin Members',
      ],
      ['package_name: NPSD Management', 'package_name: NPSD Managment', 'TRUEUP_PACKAGE_NOT_FOUND', 'NPSD Management'],
      ['package_param_offset: 0', 'package_param_offset: 1', 'TRUEUP_PACKAGE_PARAMETER', '$0'],
      ['Default - All Computers', 'Default - All Computer', 'TRUEUP_ACTION_GROUP_NOT_FOUND', 'Default - All Computers'],
    ] as const;
    for (const [from, to, code, hint] of cases) {
      const at = { cwd: exampleFolder(), env: cloud.env };
      edit(at.cwd, 'provider.yaml', from, to);
      const failed = await trueup(['apply', '--yes', '--json'], at);
      expect(errorIn(failed)).toMatchObject({ code });
      expect(errorIn(failed).message).toContain(hint);
    }
    expect(await cloud.ask<readonly SimulatedAction[]>('actions')).toEqual([]);
  });
});
