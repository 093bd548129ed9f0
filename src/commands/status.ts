/** Tells what a run is doing: one line that moves on a terminal, plain lines elsewhere. */
import type { RunEvent } from '../apply/context.ts';
import { plain } from '../render/escape.ts';
import { progressLine } from '../render/progress.ts';
import type { Io } from './io.ts';

export interface Status {
  readonly tell: (event: RunEvent) => void;
  /** Takes the moving line away; what is written next begins on an empty one. */
  readonly clear: () => void;
}

/** A terminal is drawn at most this often. */
const drawMilliseconds = 100;
/** Where there is no terminal, a line for each step of this many percent. */
const plainStep = 25;

export function statusOf(io: Io): Status {
  if (io.verbosity === 'quiet') return { tell: () => {}, clear: () => {} };
  return io.statusColumns === null ? plainStatus(io) : movingStatus(io, io.statusColumns);
}

type Counted = Exclude<RunEvent, { readonly kind: 'note' }>;

const labels: Readonly<Record<Counted['kind'], string>> = { scan: 'scan', action: 'apply' };

function totalOf(event: Counted): number {
  return event.kind === 'scan' ? event.expected : event.targets;
}

function movingStatus(io: Io, columns: number): Status {
  let began: { readonly kind: string; readonly at: number } | null = null;
  let drawnAt = 0;
  let shown = false;
  const clear = (): void => {
    if (shown) io.err('\r\u001b[2K');
    shown = false;
  };
  const tell = (event: RunEvent): void => {
    if (event.kind === 'note') {
      clear();
      io.err(`${plain(event.text)}\n`);
      return;
    }
    const now = performance.now();
    if (began?.kind !== event.kind) began = { kind: event.kind, at: now };
    const done = event.answered >= totalOf(event);
    if (!done && now - drawnAt < drawMilliseconds) return;
    drawnAt = now;
    const line = progressLine({
      label: labels[event.kind],
      answered: event.answered,
      failed: event.kind === 'action' ? event.failed : null,
      targets: totalOf(event),
      elapsedMs: now - began.at,
      columns,
      color: io.color,
    });
    io.err(`\r\u001b[2K${line}`);
    shown = true;
  };
  return { tell, clear };
}

function plainStatus(io: Io): Status {
  const said = new Map<string, number>();
  const tell = (event: RunEvent): void => {
    if (event.kind === 'note') {
      io.err(`${plain(event.text)}\n`);
      return;
    }
    const total = totalOf(event);
    const step = total === 0 ? 0 : Math.floor((event.answered * 100) / total / plainStep);
    const key = `${event.kind} ${total}`;
    if (step === (said.get(key) ?? 0)) return;
    said.set(key, step);
    const failed = event.kind === 'action' && event.failed > 0 ? `, ${event.failed} failed` : '';
    io.err(`${labels[event.kind]}: ${event.answered} of ${total} devices answered${failed}\n`);
  };
  return { tell, clear: () => {} };
}
