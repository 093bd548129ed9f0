import { describe, it } from 'vitest';
import { document, error, expectFine, expectTold, provider, warning } from './repository.ts';

function membership(members: string): string {
  return document('LocalGroupMembership', `selector: {}\nmembers: ${members}`);
}

describe('SIDs of members', () => {
  const refused: [string, string][] = [
    ['S-1-5-32-544', 'a local group cannot be a member of another'],
    ['~-500', 'the spelling of inventories'],
    ['S-1-5-21-1-2-3', 'the number at the end is missing'],
    ['S-1-5-21-1-2-3-4-5', 'four numbers after S-1-5-21'],
    ['S-1-12-1-1-2-3', 'four numbers after S-1-12-1'],
    ['S-1-5-21-1-2-4294967296-500', 'above 4294967295'],
    ['S-1-5-21-1-02-3-500', 'begins with 0'],
    ['S-1-5-21-1-x-3-500', 'no number'],
    ['s-1-5-21-1-2-3-500', 'a small s'],
    ['S-1-5', 'it ends too early'],
    [`S-1-5-21${'-1'.repeat(15)}`, 'more than 15 numbers'],
    ['CORP\\x', 'does not begin with S-1-'],
    ['S-1-16-12288', 'no account or group that could be a member'],
  ];
  it.each(refused)('%s is refused', async (sid, says) => {
    await expectTold(membership(`[{ sid: ▸${sid} }]`), error('TRUEUP_SID', says));
  });

  it('of domains, of Entra ID and of services are fine', async () => {
    await expectFine(
      membership('[{ sid: S-1-5-21-4294967295-2-3-1105 }, { sid: S-1-12-1-1-2-3-4 }, { sid: S-1-5-80-1-2-3-4-5 }]'),
    );
  });

  it('of nearly everybody come with a warning, and of the one who must stay with an error', async () => {
    await expectTold(
      membership('[{ sid: ▸S-1-1-0 }, { sid: ▸S-1-5-21-1-2-3-513 }, { sid: ▸S-1-5-21-1-2-3-500, access: absent }]'),
      warning('TRUEUP_BROAD_MEMBER', 'Everyone'),
      warning('TRUEUP_BROAD_MEMBER', 'Domain Users'),
      error('TRUEUP_BUILT_IN', 'RID 500'),
    );
    await expectFine(membership('[{ sid: S-1-1-0, access: absent }]'));
  });
});

describe('#148 the group of a membership', () => {
  it('is one that every device has, and Administrators where none is named', async () => {
    await expectTold(
      document('LocalGroupMembership', 'selector: {}\ngroup: ▸S-1-5-21-1-2-3-1105\nmembers: []'),
      error('TRUEUP_SID', 'no local group that every device has'),
    );
    await expectTold(
      document('LocalGroupMembership', 'selector: {}\ngroup: { sid: ▸Administrators }\nmembers: []'),
      error('TRUEUP_SID'),
    );
    await expectFine(document('LocalGroupMembership', 'selector: {}\ngroup: { sid: S-1-5-32-555 }\nmembers: []'));
  });
});

describe('names of members', () => {
  const refused: [string, string][] = [
    ['jane@corp.example', 'Write DOMAIN\\jane, or give the account by sid.'],
    ['corp.example\\jane', 'such as CORP\\jane'],
    ['BUILTIN\\Users', 'a local group cannot be a member of another'],
    ['AzureAD\\jane', 'Give it by sid, S-1-12-1-…'],
    ['\\jane', 'has no domain before its backslash'],
    ['CORP\\', 'needs more than blanks and dots'],
    ['CORP\\a*b', 'Windows takes no *'],
    ['A-DOMAIN-TOO-LONG\\jane', 'no NetBIOS name'],
    ['a-name-of-more-than-20', 'longer than the 20 characters'],
  ];
  it.each(refused)('%s is refused', async (name, says) => {
    await expectTold(membership(`[{ name: ▸'${name}' }]`), error('TRUEUP_NAME', says));
  });

  it('are DOMAIN\\name, a plain name, or .\\name', async () => {
    await expectFine(
      membership(
        "[{ name: 'CORP\\Domain Admins' }, { name: breakglass }, { name: '.\\setup' }, { name: 'NT SERVICE\\x' }]",
      ),
    );
  });

  it('with two SIDs are told, as an error where nothing else could decide', async () => {
    const [one, other] = ['S-1-5-21-1-2-3-1105', 'S-1-5-21-1-2-3-1106'];
    await expectTold(
      provider(`principals:
  - { name: CORP\\x, sid: ${one} }
  - { name: corp\\X, sid: ▸${other} }
  - { name: ▸CORP\\x, sid: ${one} }
  - { name: ▸local, sid: ${one} }`),
      error('TRUEUP_NAME_TWO_SIDS', `"corp\\X" is ${other} here and ${one} at a.yaml:8.`),
      warning('TRUEUP_MEMBER_TWICE', 'in line 8 too'),
      error('TRUEUP_NAME', 'an account of the device itself'),
    );
    await expectTold(
      {
        'a.yaml': membership(`[{ name: CORP\\x, sid: ▸${other} }]`),
        'b.yaml': provider(`principals: [{ name: CORP\\x, sid: ${one} }]`),
      },
      warning('TRUEUP_NAME_TWO_SIDS', `"CORP\\x" is ${other} here and ${one} elsewhere.`),
    );
  });
});

describe('names of local accounts', () => {
  const refused: [string, string, 'TRUEUP_NAME' | 'TRUEUP_LIMIT'][] = [
    ['CORP\\x', 'local to each device', 'TRUEUP_NAME'],
    ['a/b', 'Windows takes no /', 'TRUEUP_NAME'],
    ['jane@corp', 'Windows takes no @', 'TRUEUP_NAME'],
    ['...', 'more than blanks and dots', 'TRUEUP_NAME'],
    [' x', 'begins or ends with a blank', 'TRUEUP_NAME'],
    ['x.', 'ends with a dot', 'TRUEUP_NAME'],
    ['a-name-of-more-than-20', 'at most 20 are allowed', 'TRUEUP_LIMIT'],
  ];
  it.each(refused)('%s is refused', async (name, says, code) => {
    await expectTold(document('LocalAccount', `selector: {}\nname: ▸'${name}'`), error(code, says));
    await expectTold(document('LocalAccount', `selector: {}\nname: a\nrename: ▸'${name}'`), error(code, says));
  });
});
