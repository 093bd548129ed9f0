/** `/session/…`, `/api_tokens`, the old `/auth`, and what of the server is to be seen without a session. */
import type { ApiToken, User } from '../access.ts';
import type { Cloud } from '../cloud.ts';
import { bodyOf, type Call, data, idIn, json, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { numberIn, textIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import { rightsOf } from '../settings.ts';
import { plainList } from './lists.ts';

export function sessionRoutes(cloud: Cloud): readonly Route[] {
  const { access, timeline } = cloud;

  function login(call: Call): Reply {
    const body = bodyOf(call);
    const session = access.login(textIn(body, 'username') ?? '', textIn(body, 'password') ?? '', timeline.now());
    return data({ session: session.value });
  }

  function validate(call: Call): Reply {
    const value = textIn(bodyOf(call), 'session') ?? undefined;
    access.check(value, call.remoteAddress, timeline.now());
    return data({ session: value });
  }

  function logout(call: Call): Reply {
    const { session } = call.headers;
    const value = textIn(bodyOf(call), 'session') ?? (typeof session === 'string' ? session : '');
    if (!access.logout(value)) throw new Refusal('InvalidSession');
    return data({ session: value });
  }

  /** HTTP Basic, or headers of their own; answers the bare session string. */
  function oldAuth(call: Call): Reply {
    const basic = /^Basic (.+)$/i.exec(call.headers.authorization ?? '')?.[1] ?? '';
    const [basicName = '', ...rest] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    const header = (name: string): string | null => {
      const value = call.headers[name];
      return typeof value === 'string' ? value : null;
    };
    const name = header('username') ?? basicName.split('\\').at(-1) ?? '';
    const session = access.login(name, header('password') ?? rest.join(':'), timeline.now());
    return { status: 200, contentType: 'text/plain', body: session.value };
  }

  function createToken(call: Call): Reply {
    const body = bodyOf(call);
    const days = numberIn(body, 'expire_in_days') ?? defaultTokenDays;
    const token = access.createToken(
      call.session.user,
      {
        name: textIn(body, 'name') ?? '',
        notes: textIn(body, 'notes') ?? '',
        trusted: textIn(body, 'trusted_ip_addresses') ?? '',
        expireInDays: Math.min(Math.max(days, 1), maxTokenDays),
        persona: numberIn(body, 'as_persona') ?? call.session.persona,
      },
      timeline.now(),
    );
    return data({ ...tokenWire(token), token_string: token.value });
  }

  function rotateToken(call: Call): Reply {
    const token = access.rotateToken(textIn(bodyOf(call), 'token_string') ?? '', timeline.now());
    return data({ ...tokenWire(token), token_string: token.value });
  }

  function existingToken(call: Call): ApiToken {
    const token = access.token(idIn(call));
    if (!token) throw new Refusal('APITokenNotFound');
    return token;
  }

  return [
    { method: 'POST', path: '/api/v2/session/login', open: true, handle: login },
    { method: 'POST', path: '/api/v2/session/validate', open: true, handle: validate },
    { method: 'POST', path: '/api/v2/session/logout', open: true, handle: logout },
    { method: 'GET', path: '/api/v2/session/current', handle: (call) => data(currentUser(cloud, call)) },
    {
      method: 'GET',
      path: '/api/v2/session/management_rights',
      handle: () => data([{ id: 1, name: 'All Computers' }]),
    },
    { method: 'GET', path: '/auth', open: true, handle: oldAuth },
    { method: 'POST', path: '/auth', open: true, handle: oldAuth },
    { method: 'POST', path: '/api/v2/api_tokens', handle: createToken },
    { method: 'PATCH', path: '/api/v2/api_tokens', handle: rotateToken },
    {
      method: 'GET',
      path: '/api/v2/api_tokens',
      handle: (call) => plainList(cloud, call, access.tokens().map(tokenWire)),
    },
    { method: 'GET', path: '/api/v2/api_tokens/{id}', handle: (call) => data(tokenWire(existingToken(call))) },
    {
      method: 'DELETE',
      path: '/api/v2/api_tokens/{id}',
      handle: (call) => {
        const token = existingToken(call);
        access.deleteToken(token.id);
        return data({ ...tokenWire(token), deleted_flag: 1 });
      },
    },
    { method: 'GET', path: '/config/console.json', open: true, handle: () => json(200, { serverVersion }) },
  ];
}

export const serverVersion = '7.4.6.1060';
const defaultTokenDays = 7;
const maxTokenDays = 365;

/** Who made an object, as objects say it. */
export function userOf(cloud: Cloud, id: number): Wire {
  return { id, name: cloud.access.users.find((user) => user.id === id)?.name ?? '', domain: '' };
}

export function userWire({ id, name }: User): Wire {
  return { id, name, domain: '', display_name: name, group_id: 0, deleted_flag: false, external_flag: 0 };
}

/** With what the persona may do, by content set; what is of no content set stands under one without a name. */
function currentUser({ settings, contentSets }: Cloud, { session }: Call): Wire {
  const all = rightsOf(settings, session.persona);
  const inSets = all.filter((right) => ofContentSets.test(right));
  const privileges = (names: readonly string[]): Wire[] => names.map((name, index) => ({ id: index + 1, name }));
  return {
    ...userWire(session.user),
    persona: { id: session.persona },
    effective_content_set_privileges: [
      {
        content_set: { id: 0, name: '' },
        content_set_privilege_list: privileges(all.filter((right) => !inSets.includes(right))),
      },
      ...contentSets.all().map(({ id, name }) => ({
        content_set: { id, name },
        content_set_privilege_list: privileges(inSets),
      })),
    ],
  };
}

const ofContentSets = /^(?:Action|Package|Sensor) - /;

function tokenWire(token: ApiToken): Wire {
  return {
    id: token.id,
    name: token.name,
    notes: token.notes,
    created_time: restTime(token.createdAt),
    expiration: restTime(token.expiresAt),
    expire_in_days: token.expireInDays,
    last_used_on: restTime(token.lastUsedAt),
    persona: { id: token.persona },
    trusted_ip_addresses: token.trusted,
    user: { id: token.user.id, name: token.user.name, domain: '' },
    deleted_flag: 0,
  };
}
