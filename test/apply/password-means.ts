/** What a run in a test seals, opens and hands passwords out with: the real parts, and a key that nobody keeps. */
import type { RunContext } from '../../src/apply/context.ts';
import { boxes } from '../../src/secrets/boxes.ts';
import { freshKey } from '../../src/secrets/key-file.ts';
import { passwordCommands } from '../../src/secrets/password-commands.ts';
import { recipientOf } from '../../src/secrets/recipient.ts';
import { vaultOf } from '../../src/secrets/vault.ts';

export type PasswordMeans = Pick<RunContext, 'vault' | 'boxes' | 'passwordCommands' | 'recipient'>;

export function passwordMeans(): PasswordMeans {
  const key = freshKey('2026-03-02T00:00:00Z');
  return {
    vault: vaultOf({ keys: () => [key], newest: () => key, place: 'a test' }),
    boxes,
    passwordCommands: passwordCommands({ env: process.env, cwd: '/' }),
    recipient: async (one) => {
      if ('file' in one) throw new Error(`no test reads ${one.file}`);
      return recipientOf(one.pem, 'a recovery key');
    },
  };
}
