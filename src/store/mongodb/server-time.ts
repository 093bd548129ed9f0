import { TrueupError } from '../../errors.ts';
import type { Connection } from './connection.ts';

/** The clock that counts where several hosts share one database. Raises TRUEUP_STORE_UNREACHABLE. */
export async function serverTime(connection: Connection): Promise<Date> {
  const { localTime } = await connection.call(() => connection.command({ hello: 1 }));
  if (localTime instanceof Date) return localTime;
  throw new TrueupError('TRUEUP_STORE_UNREACHABLE', `${connection.address} does not tell its time.`, {
    cause: 'The server is older than MongoDB 4.4.2, or speaks the protocol only in part.',
    remedy: 'Use MongoDB 4.4.2 or later.',
  });
}
