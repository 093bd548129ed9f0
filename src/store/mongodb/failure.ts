import { BSON, MongoAPIError, MongoNetworkError, MongoParseError, MongoServerError, MongoSystemError } from 'mongodb';
import { TrueupError } from '../../errors.ts';

/** Codes of https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml. */
const UNAUTHORIZED = 13;
const AUTHENTICATION_FAILED = 18;
const ATLAS_REFUSED = 8000;
const refused: ReadonlySet<unknown> = new Set([UNAUTHORIZED, AUTHENTICATION_FAILED, ATLAS_REFUSED]);
const TYPE_MISMATCH = 14;
const PATH_NOT_VIABLE = 28;
const badShape: ReadonlySet<unknown> = new Set([TYPE_MISMATCH, PATH_NOT_VIABLE]);

const DUPLICATE_KEY = 11_000;

/** A document of this `_id` is there already. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof MongoServerError && error.code === DUPLICATE_KEY;
}

/** An error of the driver as one of the program's own; any other unchanged. `shown` holds no credentials. */
export function translated(shown: string, error: unknown): unknown {
  if (error instanceof TrueupError) return error;
  const text = `${shown}: ${(error as Error).message}`;
  if (error instanceof MongoParseError)
    return new TrueupError('TRUEUP_USAGE', `${shown}: ${error.message}.`, {
      cause: 'An option in the address of --store is wrong.',
      remedy: 'See the connection string options in the manual of MongoDB.',
      origin: error,
    });
  if (error instanceof MongoServerError && refused.has(error.code))
    return new TrueupError('TRUEUP_STORE_UNREACHABLE', text, {
      cause: 'The server refuses the credentials of --store, or they lack a right on this database.',
      remedy: 'Check user, password and authSource; the user needs readWrite on the database.',
      origin: error,
    });
  if (error instanceof MongoNetworkError || error instanceof MongoSystemError)
    return new TrueupError('TRUEUP_STORE_UNREACHABLE', text, { origin: error });
  if ((error instanceof MongoServerError && badShape.has(error.code)) || error instanceof BSON.BSONError)
    return new TrueupError('TRUEUP_STORE_INVALID', text, { origin: error });
  if (error instanceof MongoServerError || error instanceof MongoAPIError)
    return new TrueupError('TRUEUP_INTERNAL', text, { origin: error });
  return error;
}
