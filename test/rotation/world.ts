/** Records of passwords as tests need them. */
import type { AccountCredentials, Credential, OpenRotation } from '../../src/model/credential.ts';
import { nothingHeld } from '../../src/rotation/account.ts';
import { asked } from '../../src/rotation/ask.ts';
import { type KeptPassword, type RotationReport, reported } from '../../src/rotation/report.ts';

export const machine = 'S-1-5-21-11-22-33';

/** `at` as minutes after a day's begin. */
export function minute(at: number): string {
  return new Date(Date.parse('2026-03-02T00:00:00Z') + at * 60_000).toISOString();
}

export function rotation(id: string, generator: OpenRotation['generator'] = 'endpoint', at = 0): OpenRotation {
  return { id, generator, askedAt: minute(at), demands: `demands of ${id}` };
}

export function sealed(attempt: number, seal: string): KeptPassword {
  return { attempt, sealed: seal, recovery: [] };
}

/** Of attempt 1 with one seal, where nothing else is said. */
export function report(id: string, parts: Partial<RotationReport> = {}): RotationReport {
  const kept = parts.kept ?? [sealed(1, `seal of ${id}`)];
  return { rotation: id, rid: 500, machineSid: machine, attempt: 1, setAt: '2026-03-02T00:00:00Z', ...parts, kept };
}

export const unheld: AccountCredentials = nothingHeld('7', 'builtin');

export function ask(record: AccountCredentials, id: string): AccountCredentials {
  const open = asked(record, rotation(id));
  if (open === null) throw new Error(`${id} cannot be asked for`);
  return open;
}

/** Asked for and reported, one after the other. */
export function rotated(...ids: readonly string[]): AccountCredentials {
  return ids.reduce((record, id, index) => reported(ask(record, id), report(id), minute(index)), unheld);
}

/** Rotation, attempt and state of each. */
export function states({ credentials }: AccountCredentials): string[] {
  return credentials.map(({ rotation: id, attempt, state }: Credential) => `${id} ${attempt} ${state}`);
}
