/** Who is who among the principals that documents name. */
import type { Principal } from '../model/desired.ts';
import type { Sid } from '../model/sid.ts';
import { ofKind, type ValidDocument } from './document.ts';

/** A principal as documents write it; one of the three is there, or sid and name. */
export interface WrittenPrincipal {
  readonly sid?: string;
  readonly name?: string;
  readonly builtin?: 'administrator';
}

/** The SID decides, and a name beside it is for the screen; a plain name is an account of the device (C30). */
export function principalOf({ sid, name, builtin }: WrittenPrincipal): Principal {
  if (sid !== undefined) return { sid, name: name ?? null };
  if (builtin !== undefined) return { builtin };
  const local = localNameOf(name ?? '');
  return local === null ? { domainName: name ?? '' } : { localName: local };
}

/** `admin` of `admin` and of `.\admin`; null: the name is of a domain. */
export function localNameOf(name: string): string | null {
  const bare = name.startsWith('.\\') ? name.slice(2) : name;
  return bare.includes('\\') ? null : bare;
}

/** Domain names in lower case → SID, as far as any document pairs the two. */
export type KnownSids = ReadonlyMap<string, Sid>;

export interface Pair {
  readonly document: ValidDocument;
  /** The mapping that has both keys. */
  readonly holder: { readonly sid?: string; readonly name?: string };
}

export function pairsIn(documents: readonly ValidDocument[]): Pair[] {
  const holders = [
    ...ofKind(documents, 'EdrProvider').map((document) => ({ document, list: document.value.spec.principals ?? [] })),
    ...ofKind(documents, 'LocalGroupMembership').map((document) => ({ document, list: document.value.spec.members })),
    ...ofKind(documents, 'ComputerPolicy').map((document) => ({ document, list: document.value.spec.recovery ?? [] })),
    ...ofKind(documents, 'AccessGrant').map((document) => ({ document, list: [document.value.spec.member] })),
  ];
  return holders.flatMap(({ document, list }) =>
    list
      .filter(({ sid, name }) => sid !== undefined && name !== undefined && localNameOf(name) === null)
      .map((holder) => ({ document, holder })),
  );
}

export function knownSidsOf(pairs: readonly Pair[]): KnownSids {
  const known = new Map<string, Sid>();
  for (const { holder } of pairs) {
    const key = (holder.name ?? '').toLowerCase();
    if (holder.sid !== undefined && !known.has(key)) known.set(key, holder.sid);
  }
  return known;
}

/** Equal for one principal, however it is written. */
export function principalKey(written: WrittenPrincipal, known: KnownSids): string {
  const principal = principalOf(written);
  if ('sid' in principal) return `sid ${principal.sid}`;
  if ('builtin' in principal) return 'builtin';
  if ('localName' in principal) return `local ${principal.localName.toLowerCase()}`;
  const sid = known.get(principal.domainName.toLowerCase());
  return sid === undefined ? `domain ${principal.domainName.toLowerCase()}` : `sid ${sid}`;
}

/** As a message calls it. */
export function principalText({ sid, name, builtin }: WrittenPrincipal): string {
  if (name !== undefined && sid !== undefined) return `${name} (${sid})`;
  return name ?? sid ?? (builtin === undefined ? '' : 'the built-in Administrator');
}
