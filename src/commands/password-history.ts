/** `trueup password history DEVICE`: which passwords are kept, since when, and who has read them. None of them is opened. */
import type { AuditRecord } from '../model/audit.ts';
import type { AccountCredentials, Credential } from '../model/credential.ts';
import type { AccountHistory, KeptPassword } from '../model/password-history.ts';
import type { PlanValue } from '../model/plan.ts';
import { historyJson, historyText } from '../render/password-history.ts';
import { type Format, type Io, viewOf } from './io.ts';
import { accountCalled, accountsOf, deviceCalled } from './kept-passwords.ts';
import { openSession, type SessionOptions } from './session.ts';

export interface HistoryOptions extends SessionOptions {
  readonly format: Extract<Format, 'text' | 'json'>;
  readonly device: string;
  /** Null: of every account. */
  readonly account: string | null;
}

/** Exits 0. Throws TRUEUP_DEVICE_NOT_FOUND, TRUEUP_PASSWORD_NOT_HELD. */
export async function passwordHistory(options: HistoryOptions, io: Io): Promise<number> {
  const session = await openSession(options, io, 'read');
  try {
    const { store } = session;
    const device = await deviceCalled(store, options.device);
    const all = await accountsOf(store, device);
    const records = options.account === null ? all : [accountCalled(all, options.account, device)];
    const reveals: AuditRecord[] = [];
    for await (const record of store.audit()) {
      const isHere = record.kind === 'reveal' && record.provider === session.configuration.provider.name;
      if (isHere && record.detail['computerId'] === device.computerId) reveals.push(record);
    }
    const history = {
      device: device.name,
      computerId: device.computerId,
      accounts: records.map((one) => told(one, reveals)),
    };
    io.out(options.format === 'json' ? historyJson(history) : historyText(history, { ...viewOf(io), devices: false }));
    return 0;
  } finally {
    await session.close();
  }
}

function told(
  { account, rid, open, credentials }: AccountCredentials,
  reveals: readonly AuditRecord[],
): AccountHistory {
  const own = reveals.filter(({ detail }) => detail['account'] === account);
  return {
    account,
    rid,
    open: open === null ? null : { rotation: open.id, askedAt: open.askedAt },
    passwords: credentials.map((one) => passwordOf(one, own)),
  };
}

function passwordOf(one: Credential, reveals: readonly AuditRecord[]): KeptPassword {
  const { rotation, attempt, state, setAt, keptAt, endedAt, confirmed, acknowledged, handedOutAt, recovery } = one;
  const own = reveals.filter(({ detail }) => detail['rotation'] === rotation && detail['attempt'] === attempt);
  return {
    rotation,
    attempt,
    state,
    setAt,
    keptAt,
    endedAt,
    confirmed,
    acknowledged,
    handedOutAt,
    recoveryKeys: recovery.map(({ key }) => key),
    reveals: own.map(({ at, by, detail }) => ({ at, by, reason: text(detail['reason']) })),
  };
}

function text(value: PlanValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
