/** The verbs of API tokens. */
import type { Command } from 'commander';
import type { Io } from './io.ts';
import {
  type Common,
  type Finish,
  formatOf,
  seconds,
  sessionOptions,
  verb,
  wholeNumber,
  withFormat,
  withSession,
} from './options.ts';

export function addTokens(program: Command, io: Io, finish: Finish): void {
  const token = program
    .command('token')
    .description('lists and changes the API token that Tanium is reached with')
    .helpCommand(false);
  addList(token, io, finish);
  addRotate(token, io, finish);
}

function addList(token: Command, io: Io, finish: Finish): void {
  const command = verb(token, 'list', 'which tokens Tanium has, when each ends, and which one is in use');
  withFormat(withSession(command), 'text', 'json').action(async (given: Common) => {
    const { tokenList } = await import('./token.ts');
    finish(await tokenList({ ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) }, io));
  });
}

function addRotate(token: Command, io: Io, finish: Finish): void {
  const command = verb(
    token,
    'rotate',
    'makes a new token of the same persona and life, tests it, puts it where apiKey is read from, ends the old one',
  )
    .option('--sink <command>', 'takes the new token on its standard input, in the place of the file of apiKey')
    .option('--id <number>', 'of the token in use, where its name or its last use does not tell', wholeNumber)
    .option('--yes', 'does not ask', false)
    .option('--wait <seconds>', 'how long to wait for another run of the provider', seconds, 0);
  type Given = Common & {
    readonly sink?: string;
    readonly id?: number;
    readonly yes: boolean;
    readonly wait: number;
  };
  withFormat(withSession(command), 'text', 'json').action(async (given: Given) => {
    const { tokenRotate } = await import('./token.ts');
    const { sink = null, id = null, yes, wait } = given;
    const options = { ...sessionOptions(given, io), format: formatOf<'text' | 'json'>(given) };
    finish(await tokenRotate({ ...options, sink, id, yes, wait }, io));
  });
}
