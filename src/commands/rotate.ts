/** `trueup rotate`: a plan of passwords and nothing else, shown, asked about and carried out as `trueup apply` does. */
import { TrueupError } from '../errors.ts';
import type { AskedPasswords } from '../model/plan.ts';
import { type ApplyOptions, apply } from './apply.ts';
import type { Io } from './io.ts';

type Shared = 'config' | 'store' | 'logDir' | 'format' | 'devices' | 'allow' | 'approve' | 'yes' | 'wait';

export interface RotateOptions extends Pick<ApplyOptions, Shared>, AskedPasswords {}

/** Exits as apply does. Throws TRUEUP_USAGE for a policy or an account that nobody declares. */
export async function rotate(options: RotateOptions, io: Io): Promise<number> {
  const { policy, device, account, now, ...shared } = options;
  if (policy !== null && device !== null) {
    throw new TrueupError('TRUEUP_USAGE', '--policy and --device exclude each other.');
  }
  const whole = { only: null, file: null, maxAge: null, verifyKey: null, turnOff: false };
  return apply({ ...shared, ...whole, rotate: { policy, device, account, now } }, io);
}
