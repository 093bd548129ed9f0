import { describe, expect, it } from 'vitest';
import { TrueupError } from '../../src/errors.ts';
import { isCalled } from '../../src/model/device-name.ts';
import type { Plan } from '../../src/model/plan.ts';
import {
  account,
  computer,
  computers,
  contractor,
  domainAdmins,
  inventory,
  member,
  membership,
  plan,
} from './world.ts';

const enrolled = computers({ protect: 'JITA' });
const administrators = membership({ mode: 'exact', members: [member(domainAdmins)] });

const name = 'SRV-1.corp.example';
const twin = 'TWIN.corp.example';

/** A device, and two clones of one name. */
function narrowed(only: Plan['only']): Plan {
  return plan({
    desired: {
      computers: [enrolled],
      memberships: [administrators],
      accounts: [account({ account: { name: 'corp_breakglass' }, ensure: 'absent' })],
    },
    recorded: { computers: [computer('1', { name }), computer('7', { name: twin }), computer('8', { name: twin })] },
    only,
    seen: [
      { id: '1', name, state: inventory({ admins: [domainAdmins, contractor] }) },
      { id: '7', name: twin },
      { id: '8', name: twin },
    ],
  });
}

function errorOf(only: NonNullable<Plan['only']>): TrueupError {
  try {
    narrowed(only);
  } catch (error) {
    if (error instanceof TrueupError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('a plan of one device', () => {
  it.each([
    ['its Computer Name', name],
    ['its name in another case', name.toUpperCase()],
    ['its name without the domain', 'SRV-1'],
    ['its Computer ID', '1'],
    ['its name with the Computer ID', `${name}#1`],
    ['its short name with the Computer ID', 'srv-1#1'],
  ])('is the same by %s', (_, device) => {
    const found = narrowed({ device });
    expect(found.only).toEqual({ device: name });
    expect(found.changes.map(({ devices }) => devices)).toEqual([[name], [name]]);
    expect(found).toEqual(narrowed({ device: name }));
  });

  it('names those that a name could mean', () => {
    const error = errorOf({ device: 'TWIN' });
    expect(error.code).toBe('TRUEUP_DEVICE_NOT_FOUND');
    expect(error.message).toBe(`2 devices are called TWIN: ${twin}#7, ${twin}#8.`);
    expect(narrowed({ device: 'twin#8' }).only).toEqual({ device: `${twin}#8` });
  });

  it('is none where the Computer ID is that of another name', () => {
    expect(errorOf({ device: `${name}#7` }).message).toBe(`No device is called ${name}#7.`);
  });
});

it('a plan of one policy has only what this policy wants', () => {
  const found = narrowed({ policy: 'administrators' });
  expect(found.only).toEqual({ policy: 'administrators' });
  expect(new Set(found.changes.map(({ policy }) => policy))).toEqual(new Set(['administrators']));
  expect(found.digest).not.toBe(narrowed(null).digest);
});

it('a policy that nobody declares is an error', () => {
  expect(errorOf({ policy: 'nobody' })).toMatchObject({ code: 'TRUEUP_USAGE', message: 'No policy is called nobody.' });
});

it('a record that no scan has met yet goes by its name alone', () => {
  expect(isCalled({ name: 'SRV-1.corp.example', computerId: null }, 'srv-1')).toBe(true);
  expect(isCalled({ name: 'SRV-1.corp.example', computerId: null }, 'srv-1#1')).toBe(false);
});
