/** A fleet whose passwords are rotated, and what is held of it. */
import { createHash } from 'node:crypto';
import { type Applied, apply } from '../../../src/apply/apply.ts';
import type { RunContext } from '../../../src/apply/context.ts';
import { wholeLook } from '../../../src/apply/survey.ts';
import { type AccountCredentials, type Credential, credentialBinding } from '../../../src/model/credential.ts';
import type { Desired, RotationPolicy } from '../../../src/model/desired.ts';
import { computers, recovery, rotation } from '../../reconcile/world.ts';
import { type Cloud, type Controls, cloud } from '../world.ts';

export const domainAdmins = 'S-1-5-21-1004336348-1177238915-682003330-512';

export interface Vaulted extends Cloud {
  readonly context: RunContext;
  /** The same with other policies. */
  readonly declaring: (rotations: readonly RotationPolicy[], parts?: Partial<Desired>) => RunContext;
}

const every = { absolute: null, percent: 100, floor: 100, source: null };

/** Of every device the built-in Administrator, unless a test declares something else. */
export async function vaulted(
  options: Parameters<typeof cloud>[0] = {},
  rotations: readonly RotationPolicy[] = [rotation({ accounts: [{ builtin: 'administrator' }] })],
): Promise<Vaulted> {
  const given = await cloud({ devices: 4, drift: 0, pace: 0.02, ...options });
  const declaring: Vaulted['declaring'] = (own, parts = {}) => {
    const { desired } = given.context;
    const budgets = { ...desired.rollout.budgets, rotations: every, devices: every };
    const everywhere = computers({ enroll: true, scan: true, protect: 'JITA', recovery: recovery(domainAdmins) });
    const rollout = { ...desired.rollout, budgets };
    return {
      ...given.context,
      desired: {
        ...desired,
        computers: [everywhere],
        memberships: [],
        accounts: [],
        rotations: own,
        rollout,
        ...parts,
      },
    };
  };
  return { ...given, context: declaring(rotations), declaring };
}

export function run(context: RunContext): Promise<Applied> {
  return apply(context, { kind: 'apply', saved: null, look: wholeLook, confirm: async () => true });
}

export async function heldIn({ store }: Pick<RunContext, 'store'>): Promise<AccountCredentials[]> {
  const records: AccountCredentials[] = [];
  for await (const record of store.credentials()) records.push(record);
  return records;
}

/** SHA-256 of the password, in hexadecimal, as `/_sim/devices` has it. */
export function passwordId(context: RunContext, record: AccountCredentials, one: Credential): string {
  const plain = context.vault.open(one.sealed, credentialBinding(context.provider.name, record, one));
  return createHash('sha256').update(plain).digest('hex');
}

export interface Truth {
  readonly computerId: string | number;
  readonly name: string;
  readonly users: readonly { readonly rid: number; readonly name: string; readonly passwordId: string }[];
}

/** Computer ID and RID → what the account has really. */
export async function truth({ ask }: Controls): Promise<ReadonlyMap<string, string>> {
  const devices = await ask<readonly Truth[]>('devices');
  return new Map(
    devices.flatMap(({ computerId, users }) => users.map((user) => [`${computerId} ${user.rid}`, user.passwordId])),
  );
}

/** What is held as current, the same way. */
export async function held(context: RunContext): Promise<ReadonlyMap<string, string>> {
  const records = await heldIn(context);
  return new Map(
    records.flatMap((record) =>
      record.credentials
        .filter(({ state }) => state === 'current')
        .map((one) => [`${record.computerId} ${record.rid}`, passwordId(context, record, one)]),
    ),
  );
}

export interface Issued {
  readonly name: string;
  readonly parameters: { readonly EncodedCommand: string };
  readonly targets: readonly (string | number)[];
}

/** Every action so far, by what it does first: `RotatePassword`. */
export async function issued({ ask }: Controls): Promise<readonly string[]> {
  const actions = await ask<readonly Issued[]>('actions');
  return actions.map(({ parameters }) => / -Action (\w+)/.exec(parameters.EncodedCommand)?.[1] ?? '');
}
