import { describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { production } from './conformance.ts';

describe('the address of a store', () => {
  it.each([
    ['postgres://user:geheim@host/db', 'TRUEUP_USAGE', 'postgres'],
    ['state.db', 'TRUEUP_USAGE', 'sqlite:PATH'],
    ['sqlite:', 'TRUEUP_USAGE', 'no file'],
    ['mongodb://user:geheim@host', 'TRUEUP_USAGE', 'mongodb://host of --store names no database'],
    ['mongodb://user:geheim@host/?authSource=admin', 'TRUEUP_USAGE', 'names no database'],
    ['mongodb://user:ge/heim@host/npsd', 'TRUEUP_USAGE', 'not well-formed'],
    ['mongodb://user:ge?heim@host/npsd', 'TRUEUP_USAGE', 'not well-formed'],
    ['mongodb://user:geheim%@host/npsd', 'TRUEUP_USAGE', 'not well-formed'],
    ['mongodb://user:geheim@host/a%2Fb', 'TRUEUP_USAGE', 'names no database'],
    ['mongodb://user:geheim@host/npsd?nonsense=geheim', 'TRUEUP_USAGE', 'nonsense'],
    [
      'mongodb://user:geheim@127.0.0.1:1/npsd?serverSelectionTimeoutMS=50',
      'TRUEUP_STORE_UNREACHABLE',
      '127.0.0.1:1/npsd',
    ],
  ])('%s is refused without its password', async (url, code, part) => {
    const error: unknown = await openStore(url, production).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code, exitCode: 1, message: expect.stringContaining(part) });
    const said = error as { message: string; likelyCause: string; remedy: string };
    expect(`${said.message} ${said.likelyCause} ${said.remedy}`).not.toMatch(/geheim|heim|user:/);
  });
});
