/** API tokens (tanium-api.md 1). A token's own string is shown once, when it is made, and goes nowhere but to the caller. */
import { isInterruption, TrueupError } from '../errors.ts';
import type { NewToken } from '../fleet-ports.ts';
import type { ObservedToken } from '../model/content.ts';
import type { TaniumClient } from './client.ts';
import { listed } from './content-look.ts';
import { isDeleted, textIn, tokenFrom } from './content-wire.ts';
import { readBytes, readData } from './read.ts';
import { figure } from './result.ts';
import { isRecord } from './results-json.ts';

export function listTokens(client: TaniumClient, signal?: AbortSignal): Promise<readonly ObservedToken[]> {
  return listed(client, 'tokens', (wire) => (isDeleted(wire) ? null : tokenFrom(wire)), signal);
}

/** Id of the user that the token acts for; 0: the server does not say. */
export function currentUser(client: TaniumClient, signal?: AbortSignal): Promise<number> {
  return client.send('currentUser', { signal }, async (response) => {
    const data = await readData(response);
    return isRecord(data) ? figure(data['id']) : 0;
  });
}

/** An error with `doubtful: true` may have made it all the same: it is then found in the list by its notes. */
export async function createToken(
  client: TaniumClient,
  { name, notes, personaId, expireInDays, trusted }: NewToken,
  signal?: AbortSignal,
): Promise<{ readonly id: number; readonly value: string }> {
  const body = {
    name,
    notes,
    expire_in_days: expireInDays,
    ...(trusted === '' ? {} : { trusted_ip_addresses: trusted }),
    ...(personaId === 0 ? {} : { as_persona: personaId }),
  };
  return client.send('createToken', { body, signal }, async (response) => {
    const data = dataIn(await readBytes(response, maxAnswerBytes));
    const [id, value] = isRecord(data) ? [figure(data['id']), textIn(data, 'token_string')] : [0, ''];
    // Nothing of the answer goes into the error: the token may be in it.
    if (id === 0 || !/^[\x21-\x7e]{8,1024}$/.test(value)) throw response.malformed('the answer has no token_string');
    return { id, value };
  });
}

const maxAnswerBytes = 1024 * 1024;

/** Undefined: it is none of ours. */
function dataIn(body: Buffer): unknown {
  try {
    const document: unknown = JSON.parse(body.toString('utf8'));
    return isRecord(document) ? document['data'] : undefined;
  } catch {
    return undefined; // Said by the caller, without a word of the body.
  }
}

/** One that is gone already is as good. */
export async function deleteToken(client: TaniumClient, id: number, signal?: AbortSignal): Promise<void> {
  try {
    await client.send('deleteToken', { path: { id }, signal }, readData);
  } catch (error) {
    const isGone = error instanceof TrueupError && error.code === 'TRUEUP_TANIUM_NOT_FOUND';
    if (isInterruption(error) || !isGone) throw error;
  }
}
