import { afterEach, describe, expect, it, vi } from 'vitest';
import { measure, measureRuns } from '../../bench/measure/process.ts';
import { median, report } from '../../bench/measure/report.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a measured process', () => {
  it('is charged for its time, its work and its memory', async () => {
    const idle = await measure({ args: ['-e', 'setTimeout(() => {}, 300)'] });
    expect(idle.wallSeconds).toBeGreaterThan(0.3);
    expect(idle.cpuSeconds).toBeLessThan(0.25);
    const busy = await measure({
      args: ['-e', 'const b = Buffer.alloc(150e6, 1); while (process.cpuUsage().user < 3e5);'],
    });
    expect(busy.cpuSeconds).toBeGreaterThan(0.25);
    expect(busy.peakMegabytes - idle.peakMegabytes).toBeGreaterThan(120);
  });

  it('says what it printed, and what it printed where it failed', async () => {
    expect((await measure({ args: ['-e', 'console.log("out")'] })).out).toBe('out\n');
    await expect(measure({ args: ['-e', 'console.error("why"); process.exit(3)'] })).rejects.toThrow(/with 3:\nwhy/);
    await expect(measure({ args: ['-e', 'process.exit(2)'], expected: [0, 2] })).resolves.toMatchObject({ out: '' });
  });

  it('runs once more than is counted', async () => {
    expect(await measureRuns({ args: ['-e', ''] }, 2)).toHaveLength(2);
  });
});

describe('figures', () => {
  it('are medians', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
  });

  it('beyond their limit fail the bench', () => {
    const said = vi.spyOn(console, 'log').mockImplementation(() => {});
    const figure = { name: 'wall', unit: 's', digits: 2, limit: 1 } as const;
    expect(report([{ ...figure, value: 1 }])).toBe(0);
    expect(report([{ ...figure, value: 1.01 }])).toBe(1);
    const ratio = { name: 'ratio', unit: '', digits: 2, least: 0.7 } as const;
    expect(report([{ ...ratio, value: 0.7 }])).toBe(0);
    expect(report([{ ...ratio, value: 0.69 }])).toBe(1);
    expect(said.mock.calls.flat()).toEqual([
      'wall       1.00 s   at most 1 s: ok',
      'wall       1.01 s   at most 1 s: MISSED',
      'ratio         0.70   at least 0.7: ok',
      'ratio         0.69   at least 0.7: MISSED',
    ]);
  });
});
