/** One request as a handler sees it, and what it may answer. */
import type { IncomingHttpHeaders } from 'node:http';
import type { Session } from '../access.ts';
import { Refusal } from './failure.ts';
import { isRecord, type Wire } from './fields.ts';

export interface Call {
  readonly method: string;
  /** Of the path, percent-decoded, in its order. */
  readonly parameters: readonly string[];
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** `tanium-options`, or, where that header is not sent, the query (tanium-api.md 2). */
  readonly options: Wire;
  readonly body: Buffer;
  readonly remoteAddress: string;
  /** Whose request it is; only a route that is open to everybody has calls without. */
  readonly session: Session;
}

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  /** Pieces of a long body, made while they are sent. */
  readonly body: string | Buffer | Iterable<string>;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Reply;

export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** `/api/v2/sensors/by-name/{id}`: every parameter is called `{id}`, as it is counted. */
  readonly path: string;
  /** Needs no session. */
  readonly open?: true;
  readonly handle: Handler;
}

export function json(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

export function data(value: unknown): Reply {
  return json(200, { data: value });
}

export function refused(refusal: Refusal): Reply {
  return json(refusal.status, { text: refusal.text });
}

/** The JSON object of the body; an empty body is an empty object. @throws Refusal */
export function bodyOf(call: Call): Wire {
  if (call.body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(call.body.toString('utf8'));
  } catch {
    throw new Refusal('InvalidJSONBody');
  }
  if (!isRecord(value)) throw new Refusal('InvalidJSONBody');
  return value;
}

/** The path's parameter as the id of an object; 0, which none has, where it is no number. */
export function idIn(call: Call): number {
  const text = call.parameters.at(-1) ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

export function nameIn(call: Call): string {
  return call.parameters.at(-1) ?? '';
}
