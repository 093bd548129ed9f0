import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionNameOf, actionNames, type Command } from '../../src/endpoint/command.ts';
import { encodeCommands, maxCommands, maxParameterLength, percentEncodedLength } from '../../src/endpoint/encode.ts';
import { encodeParameters } from '../../src/endpoint/parameters.ts';
import { decodeParameter, parseCommands } from '../../src/endpoint/parse.ts';
import { TrueupError } from '../../src/errors.ts';
import { anyCommand } from './commands.ts';

function decoded(commands: readonly Command[]): readonly (readonly Command[])[] {
  return encodeParameters(commands).map(({ value }) => parseCommands(decodeParameter(value)));
}

/** One line for each member of each command, in order; commands that list none are one line. */
function steps(commands: readonly Command[]): readonly string[] {
  return commands.flatMap(({ target, action, parameters: { MemberSID = '', MemberNameB64 = '', ...rest } }) => {
    const sids = String(MemberSID)
      .split(',')
      .filter((sid) => sid !== '');
    const names = String(MemberNameB64)
      .split(',')
      .filter((name) => name !== '');
    const others = JSON.stringify([target, action, Object.entries(rest).toSorted()]);
    const members = [...sids.map((sid) => `SID ${sid}`), ...names.map((name) => `name ${name}`)];
    return members.length === 0 ? [others] : members.map((member) => `${others} ${member}`);
  });
}

function membership(members: number): Command {
  const sids = Array.from(
    { length: members },
    (_, index) => `S-1-5-21-1004336348-1177238915-682003330-${1000 + index}`,
  );
  return { target: 'LocalGroup', action: 'AddMember', parameters: { MemberSID: sids.join(',') } };
}

/** What the command would take if nothing bounded it. */
function parameterLength(members: number): number {
  return percentEncodedLength(encodeCommands([membership(members)]));
}

describe('values of the parameter', () => {
  it('#144 #145 hold any commands of the contract, and give the same back', () => {
    const met = new Set<string | null>();
    fc.assert(
      fc.property(fc.array(anyCommand, { minLength: 1, maxLength: 5 }), (commands) => {
        for (const command of commands) met.add(actionNameOf(command));
        expect(decoded(commands)).toEqual([commands]);
      }),
      { numRuns: 300 },
    );
    expect([...met].toSorted()).toEqual(actionNames.toSorted());
  });

  it('hold however many commands there are, in their order, none of them too long', () => {
    fc.assert(
      fc.property(fc.array(anyCommand, { minLength: 60, maxLength: 140 }), (commands) => {
        const parameters = encodeParameters(commands);
        for (const { value, length, commands: part } of parameters) {
          expect(length).toBe(percentEncodedLength(value));
          expect(length).toBeLessThanOrEqual(maxParameterLength);
          expect(part.length).toBeLessThanOrEqual(maxCommands);
          expect(parseCommands(decodeParameter(value))).toEqual(part);
        }
        expect(steps(parameters.flatMap((parameter) => parameter.commands))).toEqual(steps(commands));
      }),
      { numRuns: 10 },
    );
  });

  it('share out the members of one command that is too long for one of them', () => {
    const command = membership(400);
    const parts = decoded([command]);
    expect(parts.map((part) => part.length)).toEqual([1, 1, 1, 1]);
    expect(
      parts
        .flat()
        .map((part) => part.parameters.MemberSID)
        .join(','),
    ).toBe(command.parameters.MemberSID);
  });

  it('are one where the commands just fit, and one more where they do not', () => {
    let most = 1;
    while (decoded([membership(most + 1)]).length === 1) most += 1;
    expect(most).toBeGreaterThan(100);
    expect(parameterLength(most)).toBeLessThanOrEqual(maxParameterLength);
    expect(parameterLength(most + 1)).toBeGreaterThan(maxParameterLength);
    expect(decoded([membership(most + 1)])).toHaveLength(2);
  });

  it('are not made of a command that fits into none, nor of none at all', () => {
    const values = Buffer.alloc(9000, 'x').toString('base64');
    const parameters = { UserRID: '500', PropertyKey: 'Description', PropertyValuesB64: values };
    expect(() => encodeParameters([{ target: 'LocalUser', action: 'SetProperty', parameters }])).toThrow(
      /^LocalUser.SetProperty takes \d+ characters; 7991 is the most that the parameter holds.$/,
    );
    expect(() => encodeParameters([])).toThrow(TrueupError);
  });
});
