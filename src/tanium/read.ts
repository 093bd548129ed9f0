/** Reads the body of an answer: as a small document, as the elements of a list, as one page of results. */
import type { TrueupError } from '../errors.ts';
import type { TaniumResponse } from './client.ts';
import { isMarkup, TruncatedBody } from './failure.ts';
import { asBytes, jsonElements } from './json-elements.ts';
import type { KnownCells } from './known-cells.ts';
import type { ResultHeader, ResultParser, Row } from './result.ts';
import { isRecord, jsonResults } from './results-json.ts';
import { xmlResults } from './results-xml.ts';

const maxDocumentBytes = 32 * 1024 * 1024;
/** A page of a thousand rows is some megabytes; what is longer is no page that was asked for. */
const maxPageBytes = 256 * 1024 * 1024;

/** `data` of a JSON answer. */
export async function readData(response: TaniumResponse): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.chunks) {
    length += chunk.byteLength;
    if (length > maxDocumentBytes) throw response.malformed(`an answer of more than ${maxDocumentBytes} bytes`);
    parts.push(chunk);
  }
  const body = Buffer.concat(parts).toString('utf8');
  return dataOf(response, body, () => {
    if (isCut(body)) throw new TruncatedBody('the JSON document ends early');
    return JSON.parse(body) as unknown;
  });
}

/** A body as it is, of at most `limit` bytes. */
export async function readBytes(response: TaniumResponse, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  await drain(response, limit, (chunk) => {
    parts.push(chunk);
  });
  return Buffer.concat(parts);
}

function dataOf(response: TaniumResponse, body: string, parse: () => unknown): unknown {
  if (isMarkup(body)) throw htmlInstead(response);
  let document: unknown;
  try {
    document = parse();
  } catch (error) {
    if (error instanceof TruncatedBody) throw error;
    throw response.malformed(`the answer is not JSON (${response.contentType || 'no content type'}): ${body}`);
  }
  if (isRecord(document) && document['data'] !== undefined) return document['data'];
  if (isRecord(document) && typeof document['text'] === 'string') throw response.refused(document['text']);
  throw response.malformed(`the answer has no data: ${body}`);
}

/** A JSON object that nobody closed. */
function isCut(body: string): boolean {
  const text = body.trim();
  return text === '' || (text.startsWith('{') && !text.endsWith('}'));
}

/** Calls `each` with every element of the `data` list but the trailing cache_info, which is told by its shape. */
export async function readList(
  response: TaniumResponse,
  each: (item: Readonly<Record<string, unknown>>) => void,
): Promise<void> {
  const elements = jsonElements(['data'], asBytes);
  let first = '';
  await drain(response, Number.POSITIVE_INFINITY, (chunk) => {
    if (first.length < 512) first += Buffer.from(chunk.subarray(0, 512)).toString('utf8');
    for (const bytes of elements.push(chunk)) {
      const item = parsed(bytes.toString('utf8'));
      if (isRecord(item) && !('cache_row_count' in item)) each(item);
    }
  });
  const data = dataOf(response, first, elements.end);
  if (!Array.isArray(data)) throw response.malformed('the answer is no list');
}

export interface Page {
  readonly header: ResultHeader;
  readonly rows: readonly Row[];
}

/** One page, JSON or XML, with the cells that are known from those before; held until it is whole, so that a cut one can be asked for again (6-toolchain.md). */
export async function readPage(response: TaniumResponse, known: KnownCells): Promise<Page> {
  const parser: ResultParser = /\bxml\b/i.test(response.contentType) ? xmlResults() : jsonResults(known);
  const rows: Row[] = [];
  let first = '';
  try {
    await drain(response, maxPageBytes, (chunk) => {
      if (first.length < 512) first += Buffer.from(chunk.subarray(0, 512)).toString('utf8');
      if (isMarkup(first)) throw htmlInstead(response);
      parser.push(chunk, rows);
    });
    return { header: parser.end(), rows };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    if (isMarkup(first)) throw htmlInstead(response);
    const text = refusalIn(first);
    if (text !== null) throw response.refused(text);
    throw response.malformed(`the answer is no result set (${error.message}): ${first}`);
  }
}

function refusalIn(body: string): string | null {
  const document = parsed(body);
  return isRecord(document) && typeof document['text'] === 'string' ? document['text'] : null;
}

/** Undefined: it is no JSON, and the caller knows what to do without it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function drain(response: TaniumResponse, limit: number, take: (chunk: Uint8Array) => void): Promise<void> {
  let length = 0;
  for await (const chunk of response.chunks) {
    length += chunk.byteLength;
    if (length > limit) throw response.malformed(`an answer of more than ${limit} bytes`);
    take(chunk);
  }
}

function htmlInstead(response: TaniumResponse): TrueupError {
  return response.malformed('an HTML page came instead of JSON');
}
