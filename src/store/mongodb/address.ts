import { TrueupError } from '../../errors.ts';

/**
 * Scheme, credentials, hosts, database, options. An `@` further right means that a password was not encoded and that
 * what looks like a host is a part of it.
 */
const wellFormed = /^(mongodb(?:\+srv)?:\/\/)(?:[^@/?#]*@)?([^@/?#]+)(?:\/([^@/?#]*))?(?:\?[^@]*)?$/;

export interface MongoAddress {
  readonly database: string;
  /** Without credentials and options, for messages. */
  readonly shown: string;
}

/** Raises TRUEUP_USAGE, without repeating any part that may hold a password. */
export function parseAddress(url: string): MongoAddress {
  const [, scheme, hosts, encoded] = wellFormed.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined) throw malformed();
  const database = decoded(encoded ?? '');
  if (database === '' || /[/\\. "$\0]/.test(database))
    throw new TrueupError('TRUEUP_USAGE', `The address ${scheme}${hosts} of --store names no database.`, {
      remedy: `Name it behind the host, as ${scheme}${hosts}/npsd; the database of NPS-D is npsd or SecureONE.`,
    });
  return { database, shown: `${scheme}${hosts}/${encoded}` };
}

/** Nothing of the address is repeated, nor what a parser says of it: either may hold the password. */
export function malformed(): TrueupError {
  return new TrueupError('TRUEUP_USAGE', 'The mongodb:// address of --store is not well-formed.', {
    remedy: 'Percent-encode @ : / ? # % in user name and password: mongodb://USER:PASSWORD@HOST/DATABASE.',
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
