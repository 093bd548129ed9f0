import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../src/endpoint/command.ts';
import {
  commandLine,
  encodeCommands,
  encodedLength,
  encodeOperations,
  maxCommands,
  maxParameterLength,
  operationCommand,
  percentEncodedLength,
} from '../../src/endpoint/encode.ts';
import { CommandRefused, decodeParameter, parseCommands } from '../../src/endpoint/parse.ts';
import { TrueupError } from '../../src/errors.ts';
import type { Operation } from '../../src/model/operation.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((text) => text.isWellFormed());
const account = fc.oneof(
  fc.integer({ min: 500, max: 0xffff_ffff }).map((rid) => ({ rid })),
  name.map((text) => ({ name: text })),
);
const sid = fc.integer({ min: 1, max: 0xffff_ffff }).map((rid) => `S-1-5-21-1-2-3-${rid}`);
const member = fc.oneof(
  sid.map((text) => ({ sid: text })),
  name.map((text) => ({ localName: text })),
);
const members = fc.array(member, { minLength: 1, maxLength: 5 });
const group = fc.constantFrom('S-1-5-32-544', 'S-1-5-32-555', '~-1010');
const operations = fc.oneof(
  fc.record(
    { kind: fc.constant('account.create' as const), name, fullName: name, description: name },
    { requiredKeys: ['kind', 'name'] },
  ),
  fc.record({
    kind: fc.constantFrom('account.enable', 'account.disable', 'account.unlock', 'account.delete'),
    account,
  }),
  fc.record({ kind: fc.constant('account.rename' as const), account, to: name }),
  fc.record({
    kind: fc.constant('account.set' as const),
    account,
    property: fc.constant('FullName'),
    value: fc.string({ unit: 'grapheme' }),
  }),
  fc.record({
    kind: fc.constant('account.set' as const),
    account,
    property: fc.constant('PasswordNotRequired'),
    value: fc.boolean(),
  }),
  fc.record({ kind: fc.constantFrom('group.add', 'group.remove'), group, members }),
) as fc.Arbitrary<Operation>;

function percentEncode(text: string, lower: boolean): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      if (/[A-Za-z0-9]/.test(char)) return char;
      const hex = byte.toString(16).padStart(2, '0');
      return `%${lower ? hex : hex.toUpperCase()}`;
    })
    .join('');
}

describe('a command line', () => {
  it('#186 carries all members of one change, local accounts by name and the others by SID', () => {
    const command = operationCommand({
      kind: 'group.add',
      group: 'S-1-5-32-544',
      members: [{ sid: 'S-1-5-21-1-2-3-512' }, { localName: 'corp_breakglass' }, { sid: 'S-1-5-21-1-2-3-519' }],
    });
    expect(commandLine(command)).toBe(
      ".\\secureone_management.ps1 -Target LocalGroup -Action AddMember -GroupSID 'S-1-5-32-544' " +
        "-MemberSID 'S-1-5-21-1-2-3-512,S-1-5-21-1-2-3-519' -MemberNameB64 'Y29ycF9icmVha2dsYXNz'",
    );
  });

  it('#151 carries property and value as two lists', () => {
    const operation: Operation = { kind: 'account.create', name: 'ops', fullName: 'Ops', description: '' };
    expect(commandLine(operationCommand(operation))).toBe(
      ".\\secureone_management.ps1 -Target LocalUser -Action Create -UserNameB64 'b3Bz' " +
        "-PropertyKey 'FullName,Description' -PropertyValuesB64 'T3Bz,'",
    );
    const flag: Operation = {
      kind: 'account.set',
      account: { rid: 500 },
      property: 'PasswordNeverExpires',
      value: false,
    };
    expect(commandLine(operationCommand(flag))).toContain(
      "-PropertyKey 'PasswordNeverExpires' -PropertyValuesB64 'RmFsc2U='",
    );
  });

  it.each(["'; rm -r /", '$(Get-Date)', '`whoami`', 'a\nb', '\u2019; calc; \u2019', '$env:x', '--%', 'Jürgen 管理者'])(
    '#154 holds no character of a hostile name: %j',
    (hostile) => {
      const rename: Operation = { kind: 'account.rename', account: { name: hostile }, to: hostile };
      const line = commandLine(operationCommand(rename));
      expect(line).toMatch(/^\.\\secureone_management\.ps1( -[A-Za-z0-9]+( ([A-Za-z]+|'[A-Za-z0-9+/=,~-]*'))?)+$/);
    },
  );

  it.each<[string, Command]>([
    ['an unknown action', { target: 'LocalUser', action: 'Format', parameters: {} }],
    [
      'a quote for a SID',
      { target: 'LocalGroup', action: 'AddMember', parameters: { MemberSID: "S-1-5-18'; calc '" } },
    ],
    ['a name in place of Base64', { target: 'LocalUser', action: 'Enable', parameters: { UserNameB64: 'x y' } }],
    ['no member at all', { target: 'LocalGroup', action: 'AddMember', parameters: { GroupSID: 'S-1-5-32-544' } }],
    [
      'a parameter of another action',
      { target: 'LocalUser', action: 'Enable', parameters: { UserRID: '500', MemberSID: 'S-1-5-18' } },
    ],
    [
      '#147 NoMeta with a change',
      { target: 'LocalUser', action: 'Enable', parameters: { UserRID: '500', NoMeta: true } },
    ],
  ])('is never written for %s', (_, command) => {
    expect(() => commandLine(command)).toThrow(TrueupError);
  });

  it('is not written for a name that UTF-8 cannot carry', () => {
    expect(() => encodeOperations([{ kind: 'account.enable', account: { name: 'a\ud800' } }])).toThrow(TrueupError);
  });
});

describe('the parameter of the package', () => {
  it('#153 is Base64 of UTF-8, percent-encoded on its way in either case, and comes out as the same commands', () => {
    fc.assert(
      fc.property(fc.array(operations, { minLength: 1, maxLength: 6 }), fc.boolean(), (list, lower) => {
        const value = encodeOperations(list);
        const wire = percentEncode(value, lower);
        expect(percentEncodedLength(value)).toBe(wire.length);
        expect(parseCommands(decodeParameter(wire))).toEqual(list.map(operationCommand));
        expect(parseCommands(decodeParameter(value))).toEqual(list.map(operationCommand));
      }),
    );
  });

  it('holds at most 64 commands, and its length is past every limit when it would hold more', () => {
    const one: Operation = { kind: 'account.enable', account: { rid: 500 } };
    const full = Array.from({ length: maxCommands }, () => one);
    expect(parseCommands(decodeParameter(encodeOperations(full)))).toHaveLength(64);
    expect(encodedLength(full)).toBe(percentEncodedLength(encodeOperations(full)));
    expect(() => encodeOperations([...full, one])).toThrow(TrueupError);
    expect(() => encodeCommands([])).toThrow(TrueupError);
    expect(encodedLength([...full, one])).toBeGreaterThan(maxParameterLength);
  });

  it('leaves room on the line of cmd.exe for the command of the package', () => {
    const command =
      'cmd.exe /d /c powershell.exe -ExecutionPolicy Bypass -WindowStyle Hidden -NonInteractive -NoProfile -File expand_params.ps1 ';
    expect(command.length + maxParameterLength).toBeLessThan(8191);
  });

  it.each(['R2V0LURhdGU=', 'Get-Date', 'Get%2dDate', 'R2V0LURhdGU%3D'])(
    '#157 may be the test of the seed: %s',
    (value) => {
      expect(parseCommands(decodeParameter(value))).toEqual([
        { target: 'General', action: 'SelfTest', parameters: {} },
      ]);
    },
  );

  it.each(['', '%', '%zz', '%ff', 'Get-Process', 'whoami', 'R2V0', '////', '=', 'AAA', 'YQ==\0'])(
    'that is nothing of ours is refused: %j',
    (value) => {
      expect(() => parseCommands(decodeParameter(value))).toThrow(CommandRefused);
    },
  );

  it('of PowerShell’s own -EncodedCommand (UTF-16) is refused', () => {
    const utf16 = Buffer.from('.\\secureone_management.ps1', 'utf16le').toString('base64');
    expect(() => parseCommands(decodeParameter(utf16))).toThrow(CommandRefused);
  });
});

const good = ".\\secureone_management.ps1 -Target LocalUser -Action Enable -UserRID '500'";

describe('the shape that is let through', () => {
  it('is read as PowerShell reads it: any case, bare constants, line ends or semicolons', () => {
    const enable = { target: 'LocalUser', action: 'Enable', parameters: { UserRID: '500' } };
    expect(parseCommands(`${good};${good}\r\n\n ${good}`)).toEqual([enable, enable, enable]);
    expect(parseCommands('.\\SECUREONE_management.ps1\t-target LocalUser -ACTION Enable -userrid 500')).toEqual([
      enable,
    ]);
    expect(parseCommands('.\\secureone_management.ps1 -NoMeta -SimpleResult')).toEqual([
      { target: 'General', action: 'Inventory', parameters: { NoMeta: true, SimpleResult: true } },
    ]);
  });

  it('has PowerShell’s quotes: two in a row are one, and the typographic ones count', () => {
    const text = (constant: string): unknown =>
      parseCommands(`.\\secureone_management.ps1 -Target ${constant}`)[0]?.target;
    expect(text("'a''b'")).toBe("a'b");
    expect(text('\u2018a\u2019')).toBe('a');
    expect(text("'a'\u2019b'")).toBe('a\u2019b');
  });

  it.each([
    'Get-Process',
    'Get-Date; Get-Date',
    'Get-Date -Format o',
    `${good} | Out-File x`,
    `${good} > x`,
    `${good} 2>&1`,
    `${good} &`,
    `${good} && ${good}`,
    `& ${good}`,
    `. ${good}`,
    `$x = ${good}`,
    `(${good})`,
    `{ ${good} }`,
    `& { ${good} }`,
    `if (1) { ${good} }`,
    `$(${good})`,
    `@(${good})`,
    `${good} $env:x`,
    `${good} @args`,
    `${good} --% x`,
    `${good} -Verbose`,
    `${good} -ErrorAction Stop`,
    `${good} -Act Enable`,
    `${good} -UserRID '501'`,
    `${good} extra`,
    `${good}x`,
    `${good} -GroupSID`,
    `${good} -GroupSID -NoMeta`,
    `${good} -GroupSID '-NoMeta'`,
    `${good} -GroupSID:'x'`,
    `${good} -NoMeta:$true`,
    `${good} -NoMeta $true`,
    `${good} -GroupSID 'a','b'`,
    `${good} -GroupSID 'a'+'b'`,
    `${good} -GroupSID "x"`,
    `${good} -GroupSID "$(calc)"`,
    `${good} -GroupSID @'\nx\n'@`,
    `${good} -GroupSID [string]::new('x')`,
    `${good} -GroupSID (1)`,
    `${good} -GroupSID 'x`,
    `${good} -GroupSID x'y'`,
    `${good} \`\n -NoMeta`,
    `#requires -Version 5\n${good}`,
    `${good} # comment`,
    `<# #> ${good}`,
    `using module x\n${good}`,
    'class A {}',
    `trap { } ${good}`,
    'data { 1 }',
    `function f { } ${good}`,
    `C:\\secureone_management.ps1 -NoMeta`,
    `..\\secureone_management.ps1 -NoMeta`,
    `./secureone_management.ps1 -NoMeta`,
    `'.\\secureone_management.ps1' -NoMeta`,
    `secureone_management.ps1 -NoMeta`,
    `.\\secureone_management.ps1:stream -NoMeta`,
    `.\\secureone_management.ps1\0 -NoMeta`,
    `.\\secureone_management.ps1 -GroupSID 'a\0b'`,
    `.\\secureone_management.ps1\u00a0-NoMeta`,
    `.\\secureone_management.ps1 \u2013NoMeta`,
    `\ufeff${good}`,
    ';;\n',
  ])('has no room for %j', (text) => {
    expect(() => parseCommands(text)).toThrow(CommandRefused);
  });

  it('has room for no mutation that is more than data', () => {
    const mutated = fc
      .tuple(
        fc.nat(good.length),
        fc.nat(8),
        fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('$(x)', '|', "'", '`', '"', '&')),
      )
      .map(([at, drop, insert]) => good.slice(0, at) + insert + good.slice(at + drop));
    fc.assert(
      fc.property(fc.oneof(mutated, fc.string()), (text) => {
        let commands: Command[];
        try {
          commands = parseCommands(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CommandRefused);
          return;
        }
        const outside = text.replaceAll(/'(?:[^']|'')*'/g, "''");
        expect(outside).not.toMatch(/[$|&<>`"(){}@#,]/);
        expect(commands.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
