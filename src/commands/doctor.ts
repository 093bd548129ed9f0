/** `trueup doctor`: what of the integration works, what does not, and what to do about it. */
import { type Held, withLease } from '../apply/lease.ts';
import type { DoctorContext } from '../doctor/context.ts';
import { type Examination, type Examined, examine } from '../doctor/examine.ts';
import { lookAtHost } from '../doctor/host.ts';
import type { KeyFacts } from '../doctor/judge/host.ts';
import { withoutTarget, withTarget } from '../doctor/target.ts';
import { briefOf, TrueupError } from '../errors.ts';
import { type DoctorReport, doctorExitCode } from '../model/doctor.ts';
import { doctorHtml } from '../render/doctor-html.ts';
import { doctorJson } from '../render/doctor-json.ts';
import { doctorMarkdown } from '../render/doctor-markdown.ts';
import { doctorText } from '../render/doctor-text.ts';
import { plain } from '../render/escape.ts';
import { keyRing } from '../secrets/key-ring.ts';
import { currentHolder, isDead } from '../store/holder.ts';
import { writeBundle } from './doctor-bundle.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { leaseContext, openSession, readConfiguration, type Session, type SessionOptions } from './session.ts';
import { type Status, statusOf } from './status.ts';
import { keyFileOf } from './store-keys.ts';
import { systemClock } from './system.ts';

export interface DoctorOptions extends SessionOptions {
  readonly format: Format;
  /** A test machine, by any of its names; null: none, and no action is made. */
  readonly target: string | null;
  /** Whether an account may be made on it, and deleted again. */
  readonly write: boolean;
  /** Checks that somebody knows to fail. */
  readonly accept: readonly string[];
  /** File for whoever helps; null: none. */
  readonly bundle: string | null;
  /** Whether what is safely mended is, by a plan that is shown first. */
  readonly fix: boolean;
  /** Does not ask. */
  readonly yes: boolean;
}

/** Exits 0, or 1 where a check fails. Throws TRUEUP_USAGE. */
export async function doctor(options: DoctorOptions, io: Io): Promise<number> {
  const { target, write } = options;
  if (write && target === null) {
    throw new TrueupError('TRUEUP_USAGE', '--write changes something on a test machine: --target is missing.');
  }
  if (options.fix) await mend(options, io);
  const { session, closed } = await opened(options, io);
  const status = statusOf(io);
  try {
    const report = await diagnose(session, closed, options, io, status);
    status.clear();
    for (const id of options.accept) {
      if (!report.checks.some((check) => check.id === id)) io.err(`--accept ${plain(id)}: there is no such check\n`);
    }
    if (options.bundle !== null) await writeBundle(session, report, options, options.bundle, io);
    io.out(rendered(report, options, io));
    if (options.bundle !== null && io.verbosity !== 'quiet') io.err(`written: ${options.bundle}\n`);
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

/**
 * Tanium's content as far as `manage` lets it be made, then toggle, provider and options, each by the plan that apply would
 * make of it: shown, asked for, carried out. No device is changed, and what is declared is what all of it becomes.
 */
async function mend(options: DoctorOptions, io: Io): Promise<void> {
  const { apply } = await import('./apply.ts');
  const { desired, provider } = await readConfiguration(options.config, { ...io, verbosity: 'quiet' });
  const { content } = desired;
  const mended = content.ref === null || content.manage === 'report' ? [provider.ref] : [content.ref, provider.ref];
  // With --json the report alone is standard output.
  const beside: Io = options.format === 'text' ? io : { ...io, out: io.err };
  const { yes } = options;
  const nothing = { file: null, maxAge: null, verifyKey: null, allow: [], approve: [], turnOff: false };
  for (const name of new Set(mended.map((ref) => ref.name))) {
    const only = `policy=${name}`;
    await apply({ ...options, ...nothing, format: 'text', devices: false, only, yes, wait: 0 }, beside);
    beside.out('\n');
  }
}

const closing: ReadonlySet<string> = new Set([
  'TRUEUP_STORE_UNREACHABLE',
  'TRUEUP_STORE_INVALID',
  'TRUEUP_STORE_NEWER',
]);

/** A store that cannot be opened is a finding like any other: what does not lean on it is looked at all the same. */
async function opened(
  options: DoctorOptions,
  io: Io,
): Promise<{ readonly session: Session; readonly closed: TrueupError | null }> {
  const { target } = options;
  try {
    return { session: await openSession(options, io, target === null ? 'read' : 'write'), closed: null };
  } catch (error) {
    if (target !== null || !(error instanceof TrueupError) || !closing.has(error.code)) throw error;
    const empty = { ...options, store: 'sqlite::memory:' };
    return { session: await openSession(empty, { ...io, verbosity: 'quiet' }, 'read'), closed: error };
  }
}

/** Without a target it needs no lease: it writes nothing, and sends nothing that changes anything. */
async function diagnose(
  session: Session,
  closed: TrueupError | null,
  options: DoctorOptions,
  io: Io,
  { tell }: Status,
): Promise<DoctorReport> {
  const { target, write } = options;
  const look = async (held?: Held): Promise<{ readonly context: DoctorContext; readonly examined: Examined }> => {
    const context = doctorContextOf(session, options, io, tell, held);
    // That this very process works for the provider is no news.
    const me = currentHolder('doctor');
    const isMe: typeof isDead = ({ host, pid }) => held !== undefined && host === me.host && pid === me.pid;
    const isNobody: typeof isDead = (holder) => isMe(holder) || isDead(holder);
    const examination: Examination = { target, accept: new Set(options.accept), isDead: isNobody, closed };
    return { context, examined: await examine(context, examination) };
  };
  if (target === null) return withoutTarget((await look()).examined);
  const lease = leaseContext(session.store, 'doctor', io, tell);
  return withLease(lease, session.configuration.provider.name, 0, async (held) => {
    const { context, examined } = await look(held);
    return withTarget(context, examined, { target, write });
  });
}

function doctorContextOf(
  session: Session,
  options: Pick<SessionOptions, 'store'>,
  io: Io,
  tell: Parameters<Session['context']>[0],
  held: Held | undefined,
): DoctorContext {
  const { fleet } = session;
  return {
    ...session.context(tell, held),
    connection: fleet.connection,
    requests: fleet.requests,
    host: () => lookAtHost(io.env),
    key: () => lookAtKey(options, io),
  };
}

/** Makes none. Throws what is wrong with it. */
function lookAtKey({ store }: Pick<SessionOptions, 'store'>, { env, cwd }: Io): KeyFacts {
  const file = keyFileOf(store, { cwd });
  const ring = keyRing({ env, cwd, file, mayMake: false, now: () => systemClock.now() });
  const keys = ring.keys().length;
  if (ring.file === null) return { kind: 'variable', name: ring.place };
  return keys === 0 ? { kind: 'none', path: ring.file } : { kind: 'file', path: ring.file, keys };
}

function rendered(report: DoctorReport, { format }: Pick<DoctorOptions, 'format'>, io: Io): string {
  if (format === 'json') return doctorJson(report);
  if (format === 'markdown') return doctorMarkdown(report);
  if (format === 'html') return doctorHtml(report);
  return doctorText(report, { ...viewOf(io), devices: true });
}

/** The seed's "Test Tanium API directly": exits 0 for 200, else 1. */
export async function probe(options: SessionOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    const { request, status, ms, contentType, beginning } = await session.fleet.connection.probe(io.signal);
    io.out(`${plain(request)}\n${status} ${plain(contentType)}, after ${ms} ms\n${plain(beginning)}\n`);
    return status === 200 ? 0 : 1;
  } finally {
    await session.close();
  }
}
