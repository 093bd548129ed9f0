/** The vectors once more, by the scripts themselves: a real PowerShell, and a SAM made of machines.yaml. */
import { afterAll, describe, it } from 'vitest';
import { startScripts } from '../../src/simulator/powershell/scripts.ts';
import { pwsh } from './powershell.ts';
import { deviceFor, expectPassed, expectRefused, refusedVectors, vectorFiles, vectorsIn } from './vectors.ts';

describe.skipIf(pwsh === null)('the scripts', () => {
  const scripts = pwsh === null ? null : startScripts(process.env);
  afterAll(() => scripts?.close());

  describe.each(vectorFiles)('%s', (file) => {
    it.each(vectorsIn(file))('$name', (vector) => {
      expectPassed(vector, deviceFor(vector, scripts ?? undefined));
    });
  });

  it.each(refusedVectors())('refused.json: $name', (vector) => {
    expectRefused(vector, deviceFor(vector, scripts ?? undefined));
  });
});
