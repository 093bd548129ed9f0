/** Who may call: users, login sessions that slide, API tokens that expire and rotate (tanium-api.md 1). */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { BlockList, isIPv6 } from 'node:net';
import type { Faults } from './faults.ts';
import { Refusal } from './http/failure.ts';

export interface User {
  readonly id: number;
  readonly name: string;
}

/** A request's right to be answered: a login session or an API token. */
export interface Session {
  readonly user: User;
  /** The value of the `session` header. */
  readonly value: string;
  readonly isToken: boolean;
  /** Id of the persona that it acts as; 0: the user's own. */
  readonly persona: number;
}

export interface ApiToken {
  readonly id: number;
  readonly value: string;
  readonly user: User;
  readonly name: string;
  readonly notes: string;
  /** Comma separated addresses and networks; empty: any. */
  readonly trusted: string;
  readonly expireInDays: number;
  readonly persona: number;
  /** Milliseconds since 1970, as the next two. */
  readonly createdAt: number;
  readonly expiresAt: number;
  lastUsedAt: number;
}

export interface NewToken {
  readonly name: string;
  readonly notes: string;
  readonly trusted: string;
  readonly expireInDays: number;
  readonly persona: number;
}

export interface Access {
  readonly users: readonly User[];
  /** The one password of all users: made anew at each start. */
  readonly password: string;
  /** Answers the session string. @throws Refusal */
  login(username: string, password: string, at: number): Session;
  /** @throws Refusal Unauthorized for what is unknown, InvalidSession for a session that was known */
  check(value: string | undefined, address: string, at: number): Session;
  logout(value: string): boolean;
  createToken(user: User, token: NewToken, at: number): ApiToken;
  /** A new token in the place of the old one, which ends. @throws Refusal */
  rotateToken(value: string, at: number): ApiToken;
  token(id: number): ApiToken | undefined;
  tokens(): readonly ApiToken[];
  deleteToken(id: number): void;
}

/** All in milliseconds. */
const idleTime = 300_000;
const dayMs = 86_400_000;
const failureWindow = 60_000;
const lockTime = 600_000;
const maxFailures = 10;
/** Sessions that are kept to be told that they have expired. */
const maxSessions = 1_000;

interface Login {
  readonly session: Session;
  usedAt: number;
  ended: boolean;
}

/** `faults`: those that are set at the moment. */
export function openAccess(faults: () => Faults): Access {
  const users: readonly User[] = [
    { id: 1, name: 'administrator' },
    { id: 2, name: 'approver' },
  ];
  const password = randomBytes(15).toString('hex');
  const logins = new Map<string, Login>();
  const byValue = new Map<string, ApiToken>();
  const failures = new Map<string, number[]>();
  let lastToken = 0;

  function createToken(user: User, token: NewToken, at: number): ApiToken {
    lastToken += 1;
    const made: ApiToken = {
      ...token,
      id: lastToken,
      value: `token-${randomBytes(29).toString('hex')}`,
      user,
      createdAt: at,
      expiresAt: at + token.expireInDays * dayMs,
      lastUsedAt: at,
    };
    byValue.set(made.value, made);
    return made;
  }

  function checkToken(value: string, address: string, at: number): Session | null {
    const token = byValue.get(value);
    if (!token || token.expiresAt <= at || faults().expired.has(value)) return null;
    if (!isTrusted(token.trusted, address)) {
      throw new Refusal('Unauthorized', `The address ${address} is not trusted for this token`);
    }
    token.lastUsedAt = at;
    return { user: token.user, value, isToken: true, persona: token.persona };
  }

  return {
    users,
    password,
    login: (username, given, at) => {
      const recent = (failures.get(username) ?? []).filter((time) => time > at - lockTime);
      const burst = recent.filter((time) => time > (recent.at(-1) ?? at) - failureWindow);
      if (burst.length >= maxFailures)
        throw new Refusal('Unauthorized', 'The user is locked after too many failed logins');
      const user = users.find(({ name }) => name.toLowerCase() === username.toLowerCase());
      if (!user || !isEqual(given, password)) {
        failures.set(username, [...recent, at].slice(-maxFailures));
        throw new Refusal('Unauthorized', 'The user name or password is wrong');
      }
      failures.delete(username);
      const session = {
        user,
        value: `${user.id}-${200 + logins.size}-${randomBytes(32).toString('hex')}`,
        isToken: false,
        persona: 0,
      };
      logins.set(session.value, { session, usedAt: at, ended: false });
      const [oldest] = logins.keys();
      if (logins.size > maxSessions && oldest !== undefined) logins.delete(oldest);
      return session;
    },
    check: (value, address, at) => {
      if (value === undefined || value === '') throw new Refusal('Unauthorized', 'There is no session header');
      const login = logins.get(value);
      if (!login) {
        const session = checkToken(value, address, at);
        if (session === null) throw new Refusal('Unauthorized');
        return session;
      }
      if (login.ended || at - login.usedAt > idleTime || faults().expired.has(value))
        throw new Refusal('InvalidSession');
      login.usedAt = at;
      return login.session;
    },
    logout: (value) => {
      const login = logins.get(value);
      if (!login || login.ended) return false;
      login.ended = true;
      return true;
    },
    createToken,
    rotateToken: (value, at) => {
      const old = byValue.get(value);
      if (!old || old.expiresAt <= at) throw new Refusal('APITokenNotFound');
      byValue.delete(value);
      return createToken(old.user, old, at);
    },
    token: (id) => [...byValue.values()].find((token) => token.id === id),
    tokens: () => [...byValue.values()],
    deleteToken: (id) => {
      for (const [value, token] of byValue) if (token.id === id) byValue.delete(value);
    },
  };
}

function isEqual(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** `10.0.0.1, 192.168.0.0/16`; an entry that is no address trusts nobody. */
function isTrusted(trusted: string, address: string): boolean {
  const entries = trusted
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  if (entries.length === 0) return true;
  const list = new BlockList();
  for (const entry of entries) {
    const [network = '', bits] = entry.split('/');
    const family = isIPv6(network) ? 'ipv6' : 'ipv4';
    try {
      list.addSubnet(network, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family);
    } catch {
      // The server takes any text here, too.
    }
  }
  const plain = address.replace(/^::ffff:/, '');
  return list.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}
