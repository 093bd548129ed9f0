/** `trueup report`: who is administrator where, what drifted, which checks hold, row by row. Changes and stores nothing. */
import { open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { briefOf, messageOf, TrueupError } from '../errors.ts';
import type { Report, ReportName } from '../model/report.ts';
import { shown } from '../render/phrase.ts';
import { reportText } from '../render/report.ts';
import type { ReportFormat } from '../render/report-format.ts';
import { scanWords } from '../render/report-words.ts';
import type { Io } from './io.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';

export interface ReportOptions extends SessionOptions {
  readonly report: ReportName;
  readonly format: ReportFormat;
  /** File to write it to; null: standard output. */
  readonly out: string | null;
}

/** Exits 0: it tells, and judges nothing. 4 where nothing is known that could be told. */
export async function report(options: ReportOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  const status = statusOf(io);
  try {
    const made = await reportOf(options.report, session, status.tell);
    status.clear();
    const { head } = made;
    if (io.verbosity !== 'quiet') tellHead(head, options, io);
    const text = reportText(made, options.format);
    if (options.out === null) await write(text, async (piece) => io.out(piece));
    else await keep(text, resolve(io.cwd, options.out));
    session.logs.scan.info({ report: head.report, format: options.format, scan: head.scan }, 'report');
    return head.scan === null && head.report !== 'drift' ? 4 : 0;
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'report');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

async function reportOf(name: ReportName, session: Session, tell: Parameters<Session['context']>[0]): Promise<Report> {
  const context = session.context(tell);
  switch (name) {
    case 'admins': {
      const { reportAdministrators } = await import('../apply/report/administrators.ts');
      return reportAdministrators(context);
    }
    case 'drift': {
      const { reportDrift } = await import('../apply/report/drift.ts');
      return reportDrift(context);
    }
    case 'compliance': {
      const { reportCompliance } = await import('../apply/report/compliance.ts');
      return reportCompliance(context);
    }
  }
}

const longestWarning = 400;

/** A table of values has no place for these. */
function tellHead(head: Report['head'], { format }: ReportOptions, io: Io): void {
  if (format === 'csv') io.err(`${scanWords(head)}\n`);
  for (const warning of head.warnings) io.err(`${shown(warning, longestWarning)}\n`);
}

/** Characters that are written at once. */
const chunk = 64 * 1024;

async function write(text: AsyncIterable<string>, put: (piece: string) => Promise<void>): Promise<void> {
  let held = '';
  for await (const piece of text) {
    held += piece;
    if (held.length < chunk) continue;
    await put(held);
    held = '';
  }
  await put(held);
}

/** A report names administrators: it is for its owner alone, and whole or not there. */
async function keep(text: AsyncIterable<string>, path: string): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  const file = await open(partial, 'wx', 0o600).catch((origin: unknown) => {
    throw unwritable(path, origin);
  });
  try {
    await write(text, async (piece) => {
      await file.write(piece).catch((origin: unknown) => {
        throw unwritable(path, origin);
      });
    });
    await file.sync();
    await file.close();
    await rename(partial, path).catch((origin: unknown) => {
      throw unwritable(path, origin);
    });
  } catch (error) {
    await file.close().catch(() => {});
    await rm(partial, { force: true });
    throw error;
  }
}

function unwritable(path: string, origin: unknown): TrueupError {
  return new TrueupError('TRUEUP_USAGE', `The report cannot be written to ${path}: ${messageOf(origin)}.`, {
    cause: 'The folder of --out does not exist, or may not be written.',
    remedy: 'Name another file with --out.',
    origin,
  });
}
