import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Progress, progressLine } from '../../src/render/progress.ts';
import { cellWidth } from '../../src/render/width.ts';

const half: Progress = {
  label: 'apply',
  answered: 100,
  failed: 0,
  targets: 200,
  elapsedMs: 60_000,
  columns: 100,
  color: false,
};

describe('the status line', () => {
  it('shows a bar, devices answered, failed, and the time left', () => {
    expect(progressLine(half)).toBe(
      'apply   ███████████████░░░░░░░░░░░░░░░   100 of 200 devices   0 failed   1 min left',
    );
    expect(progressLine({ ...half, answered: 150, failed: 3 })).toBe(
      'apply   ██████████████████████░░░░░░░░   150 of 200 devices   3 failed   20 s left',
    );
  });

  it.each([
    ['nobody has answered', { answered: 0 }],
    ['hardly any time has passed', { elapsedMs: 400 }],
    ['everybody has answered', { answered: 200 }],
  ])('has no time left while there is no rate: %s', (_, parts) => {
    expect(progressLine({ ...half, ...parts })).not.toContain('left');
  });

  it('is full only when everybody has answered', () => {
    expect(progressLine({ ...half, answered: 199 })).toContain('░');
    expect(progressLine({ ...half, answered: 200 })).not.toContain('░');
    expect(progressLine({ ...half, answered: 0 })).not.toContain('█');
  });

  it('of a step that has no failures counts none', () => {
    expect(progressLine({ ...half, label: 'scan', failed: null })).toBe(
      'scan   ███████████████░░░░░░░░░░░░░░░   100 of 200 devices   1 min left',
    );
  });

  it('has no bar and no share while the number of devices is not known', () => {
    expect(progressLine({ ...half, answered: 0, targets: 0 })).toBe('apply   no devices yet');
  });

  it('gives up the bar, then the time, on a narrow terminal', () => {
    expect(progressLine({ ...half, columns: 50 })).toMatch(/^apply {3}█+░+ {3}100 of 200 devices {3}1 min left$/);
    expect(progressLine({ ...half, columns: 42 })).toBe('apply   100 of 200 devices   1 min left');
    expect(progressLine({ ...half, columns: 30 })).toBe('apply   100 of 200 devices');
  });

  it('shows a failed device in the bar, however few they are', () => {
    const line = progressLine({ ...half, failed: 1, color: true });
    expect(line).toContain('\u001b[31m█\u001b[39m');
    expect(line).toContain('\u001b[31m1 failed\u001b[39m');
    expect(line.replace(/\u001b\[\d+m/g, '')).toBe(progressLine({ ...half, failed: 1 }));
  });

  it('never fills the line of the terminal, and is always one line', () => {
    const count = fc.integer({ min: 0, max: 1_000_000 });
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        count,
        count,
        count,
        fc.integer({ min: 2, max: 200 }),
        fc.integer({ min: 0, max: 10 ** 8 }),
        (label, targets, answered, failed, columns, elapsedMs) => {
          const line = progressLine({
            label,
            targets,
            answered: Math.min(answered, targets),
            failed: Math.min(failed, answered, targets),
            columns,
            elapsedMs,
            color: false,
          });
          expect(cellWidth(line)).toBeLessThan(columns);
          expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        },
      ),
    );
  });
});
