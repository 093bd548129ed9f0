/** The guard `ownership`: two statements claim one thing, and nobody could say which of them is meant. */
import type { PolicyRef, Source } from '../model/desired.ts';
import type { Hold } from './wanted.ts';

/** Two LocalAccounts under different names. */
export function contradiction(what: string, one: PolicyRef, other: PolicyRef): Hold {
  return {
    guard: 'ownership',
    message: `${both(one, other)} speak of one account here, and contradict each other in ${what}`,
    release: 'Make them one statement, or give one of them a higher priority',
  };
}

/** Two accounts for one name. */
export function nameClaimedTwice(name: string, one: PolicyRef, other: PolicyRef): Hold {
  return {
    guard: 'ownership',
    message: `${both(one, other)} claim the name ${name} for two accounts`,
    release: 'Give one of them another name',
  };
}

interface MemberStatement {
  readonly access: string;
  readonly source: Source;
}

/** Two names, or a name and a SID, that are one principal here. */
export function memberContradiction(one: MemberStatement, other: MemberStatement): Hold {
  return {
    guard: 'ownership',
    message: `one member is called differently and is ${one.access} at ${spot(one.source)}, ${other.access} at ${spot(other.source)}`,
    release: 'Say it once, or give one of the two policies a higher priority',
  };
}

function both(one: PolicyRef, other: PolicyRef): string {
  return `${told(one)} and ${told(other)}`;
}

function told({ kind, name, source }: PolicyRef): string {
  return `${kind} ${name} (${spot(source)})`;
}

function spot({ file, line }: Source): string {
  return `${file}:${line}`;
}
