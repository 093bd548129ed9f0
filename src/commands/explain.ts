/** `trueup explain DEVICE`: how one device comes to be judged as it is. Creates no action and writes nothing. */
import { explain as explainLook } from '../apply/explain.ts';
import { explainJson } from '../render/explain-json.ts';
import { explainText } from '../render/explain-text.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openSession, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ExplainOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  /** Computer Name, `NAME#COMPUTERID`, the name without its domain, or the Computer ID. */
  readonly device: string;
  /** Asks the fleet anew, whatever scan is stored. */
  readonly fresh: boolean;
}

/** Exits 0: it tells, and judges nothing. */
export async function explain(options: ExplainOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  const status = statusOf(io);
  try {
    const told = await explainLook(session.context(status.tell), options.device, options.fresh);
    status.clear();
    io.out(options.format === 'json' ? explainJson(told) : explainText(told, viewOf(io)));
    return 0;
  } finally {
    status.clear();
    await session.close();
  }
}
