/** Which devices a command is about, as people write it on a command line. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exampleFolder, simulatedCloud, temporaryFolder, trueup } from './trueup.ts';

interface Listed {
  readonly drift: readonly { readonly device: string }[];
}

it('drift finds a device by every spelling, and clones by their common name', { timeout: 60_000 }, async () => {
  const fleet = join(temporaryFolder(), 'fleet.yaml');
  writeFileSync(
    fleet,
    [
      'devices:',
      '  - { name: SRV-1.corp.example, kind: server, computerId: 101 }',
      '  - { name: TWIN.corp.example, kind: server, computerId: 201 }',
      '  - { name: TWIN.corp.example, kind: server, computerId: 202 }',
      '',
    ].join('\n'),
  );
  const cloud = await simulatedCloud('--fleet', fleet);
  const at = { cwd: exampleFolder(), env: cloud.env };
  expect((await trueup(['apply', '--yes'], at)).code).toBe(0);

  const listed = async (device: string): Promise<readonly string[]> => {
    const { stdout, code } = await trueup(['drift', '--device', device, '--json'], at);
    expect(code, device).toBe(0);
    return [...new Set((JSON.parse(stdout) as Listed).drift.map((record) => record.device))];
  };
  for (const spelling of ['SRV-1.corp.example', 'srv-1', '101', 'SRV-1#101', 'srv-1.corp.example#101']) {
    expect(await listed(spelling), spelling).toEqual(['SRV-1.corp.example']);
  }
  for (const spelling of ['202', 'TWIN#202', 'TWIN.corp.example#202']) {
    expect(await listed(spelling), spelling).toEqual(['TWIN.corp.example#202']);
  }
  expect(await listed('twin')).toEqual(['TWIN.corp.example#201', 'TWIN.corp.example#202']);
  expect(await trueup(['drift', '--device', 'SRV-1#202'], at)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No device is called SRV-1#202.'),
  });
});
