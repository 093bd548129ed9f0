/** `trueup doctor`: what of the integration works, what does not, and what to do about it. */
import { resolve } from 'node:path';
import type { DoctorContext } from '../doctor/context.ts';
import { type Examination, type Examined, examine } from '../doctor/examine.ts';
import { lookAtHost } from '../doctor/host.ts';
import type { KeyFacts } from '../doctor/judge/host.ts';
import { briefOf } from '../errors.ts';
import { type DoctorReport, doctorExitCode } from '../model/doctor.ts';
import { doctorHtml } from '../render/doctor-html.ts';
import { doctorJson } from '../render/doctor-json.ts';
import { doctorMarkdown } from '../render/doctor-markdown.ts';
import { doctorText } from '../render/doctor-text.ts';
import { keyRing } from '../secrets/key-ring.ts';
import { isDead } from '../store/holder.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { statusOf } from './status.ts';
import { systemClock } from './system.ts';

export interface DoctorOptions extends SessionOptions {
  readonly format: Format;
  /** A device to look at by itself, by any of its names; null: any will do. */
  readonly target: string | null;
  /** Checks that somebody knows to fail. */
  readonly accept: readonly string[];
}

/** Exits 0, or 1 where a check fails. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  const status = statusOf(io);
  try {
    const context = doctorContextOf(session, options, io, status.tell);
    const { report } = await examined(context, options);
    status.clear();
    io.out(rendered(report, options, io));
    const exitCode = doctorExitCode(report);
    const failed = report.checks.filter((check) => check.status === 'fail').map(({ id }) => id);
    session.logs.scan.info({ exitCode, failed, requests: report.requests, seconds: report.seconds }, 'doctor');
    return exitCode;
  } catch (error) {
    session.logs.scan.error(briefOf(error), 'doctor');
    throw error;
  } finally {
    status.clear();
    await session.close();
  }
}

function examined(context: DoctorContext, { target, accept }: DoctorOptions): Promise<Examined> {
  const examination: Examination = { target, accept: new Set(accept), isDead };
  return examine(context, examination);
}

function doctorContextOf(
  session: Session,
  { store }: Pick<SessionOptions, 'store'>,
  io: Io,
  tell: Parameters<Session['context']>[0],
): DoctorContext {
  const { fleet } = session;
  return {
    ...session.context(tell),
    connection: fleet.connection,
    requests: fleet.requests,
    host: () => lookAtHost(io.env),
    key: () => lookAtKey(store, io),
  };
}

/** Makes none. Throws what is wrong with it. */
function lookAtKey(_store: string, { env, cwd }: Io): KeyFacts {
  const file = resolve(cwd, '.trueup/key');
  const ring = keyRing({ env, cwd, file, mayMake: false, now: () => systemClock.now() });
  const keys = ring.keys().length;
  if (ring.file === null) return { kind: 'variable', name: ring.place };
  return keys === 0 ? { kind: 'none', path: ring.file } : { kind: 'file', path: ring.file, keys };
}

function rendered(report: DoctorReport, { format }: DoctorOptions, io: Io): string {
  if (format === 'json') return doctorJson(report);
  if (format === 'markdown') return doctorMarkdown(report);
  if (format === 'html') return doctorHtml(report);
  return doctorText(report, { ...viewOf(io), devices: true });
}
