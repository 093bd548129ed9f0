import { describe, expect, it } from 'vitest';
import { straysAmong } from '../../tools/stray.ts';

function strays(path: string, bytes = 100): string[] {
  return straysAmong([{ path, bytes }]);
}

describe('stray files', () => {
  it.each(['src/model/sid.ts', 'README.md', '.ci/run', 'package-lock.json', 'examples/minimal/provider.yaml'])(
    'are not %s',
    (path) => {
      expect(strays(path)).toEqual([]);
    },
  );

  it.each(['notes.txt', 'scratch/a.ts', '.env', '.trueup/state.db'])('are in no place of the tree: %s', (path) => {
    expect(strays(path)).toEqual([`${path}: no place of the tree (tools/stray.ts names them)`]);
  });

  it.each(['src/a.ts.orig', 'docs/.DS_Store', 'test/run.log', 'bench/a.cpuprofile', 'src/a.ts~'])(
    'are left behind by a tool: %s',
    (path) => {
      expect(strays(path)).toEqual([`${path}: left behind by a tool`]);
    },
  );

  it('are too large to be read', () => {
    expect(strays('test/golden/plan.txt', 512 * 1024)).toEqual([]);
    expect(strays('test/golden/plan.txt', 512 * 1024 + 1)).toEqual(['test/golden/plan.txt: larger than 512 KiB']);
  });
});
