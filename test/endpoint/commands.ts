/** Commands of every action of the contract, with values of every shape, for tests that hold for all of them. */
import fc from 'fast-check';
import { toBase64 } from '../../src/endpoint/base64.ts';
import {
  type ActionName,
  actionNames,
  type Command,
  changesDevice,
  complaintAbout,
  type ParameterName,
  parameterNames,
  propertiesOf,
} from '../../src/endpoint/command.ts';

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => name.isWellFormed());
const encoded = text.map(toBase64);
const sid = fc.oneof(
  fc.integer({ min: 1, max: 0xffff_ffff }).map((rid) => `S-1-5-21-1-2-3-${rid}`),
  fc.integer({ min: 500, max: 5000 }).map((rid) => `~-${rid}`),
  fc.constantFrom('S-1-5-32-544', 'S-1-12-1-1-2-3-4'),
);

function listOf(item: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(item, { minLength: 1, maxLength: 12 }).map((items) => items.join(','));
}

function values(action: ActionName): Readonly<Record<ParameterName, fc.Arbitrary<string | true>>> {
  const keys = propertiesOf(action);
  return {
    SimpleResult: fc.constant(true),
    NoMeta: fc.constant(true),
    GroupSID: sid,
    GroupNameB64: encoded,
    MemberSID: listOf(sid),
    MemberNameB64: listOf(encoded),
    UserRID: fc.integer({ min: 1, max: 0xffff_ffff }).map(String),
    UserNameB64: encoded,
    PropertyKey: listOf(fc.constantFrom<string>(...keys)),
    PropertyValuesB64: listOf(encoded),
    EncryptedPassword: encoded,
    PublicKey: listOf(encoded),
    RotationId: fc.stringMatching(/^[A-Za-z0-9-]{1,64}$/).filter((id) => !id.startsWith('-')),
  };
}

/** Each of the table, with any of the parameters that it takes. */
export const anyCommand: fc.Arbitrary<Command> = fc.constantFrom(...actionNames).chain((action) => {
  const [target = '', verb = ''] = action.split('.');
  const taken = parameterNames.filter((name) => {
    const complaint = complaintAbout({ target, action: verb, parameters: { [name]: '' } });
    return complaint !== `${action} takes no -${name}` && !(name === 'NoMeta' && changesDevice(action));
  });
  const all = values(action);
  return fc
    .record(Object.fromEntries(taken.map((name) => [name, all[name]])), { requiredKeys: [] })
    .map((parameters): Command => ({ target, action: verb, parameters }))
    .filter((command) => complaintAbout(command) === null);
});
