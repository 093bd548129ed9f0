/** What the server tells of itself and of its clients: `/system_status`, `/client_count`, settings, users. */
import type { Cloud } from '../cloud.ts';
import { addressOf, clientVersion } from '../content/stock-sensors.ts';
import type { SimulatedDevice } from '../fleet/fleet.ts';
import { type Call, data, json, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import { cachedList, plainList } from './lists.ts';
import { serverVersion, userWire } from './session-api.ts';

export function serverRoutes(cloud: Cloud): readonly Route[] {
  const registered = (): readonly SimulatedDevice[] => cloud.fleet.devices.filter(({ online }) => online);

  function status(call: Call): Reply {
    const clients = registered().map((device) => clientWire(cloud, device));
    return cachedList(cloud, call, clients, [aggregate(clients.length)]);
  }

  function users(call: Call): Reply {
    if (!flagIn(call.options, 'summary')) throw new Refusal('UsersNonSummaryViewDisallowed');
    return plainList(cloud, call, cloud.access.users.map(userWire));
  }

  function setting(call: Call): Reply {
    const found = settings(cloud).find(({ name }) => name === nameIn(call));
    if (!found) throw new Refusal('EndpointNotFound', `There is no setting ${nameIn(call)}`);
    return data(found);
  }

  const info = (): Wire => ({
    server_version: serverVersion,
    settings: Object.fromEntries(settings(cloud).map(({ name, value }) => [name, value])),
    Diagnostics: { Clients: registered().length, API_Lockout: {} },
  });

  return [
    { method: 'GET', path: '/api/v2/system_status', handle: status },
    { method: 'GET', path: '/api/v2/client_count', handle: () => data(registered().length) },
    { method: 'GET', path: '/api/v2/system_settings', handle: (call) => cachedList(cloud, call, settings(cloud)) },
    { method: 'GET', path: '/api/v2/system_settings/by-name/{id}', handle: setting },
    { method: 'GET', path: '/api/v2/server_info', handle: () => data(info()) },
    { method: 'GET', path: '/info.json', handle: () => json(200, info()) },
    { method: 'GET', path: '/api/v2/users', handle: users },
  ];
}

/** Seconds between two registrations of a client. */
const registrationInterval = 120;

function clientWire(cloud: Cloud, device: SimulatedDevice): Wire {
  const now = cloud.timeline.now();
  const since = ((now / 1000 + device.computerId) % registrationInterval) * 1000;
  return {
    host_name: device.name,
    computer_id: device.computerId,
    ipaddress_client: addressOf(device),
    ipaddress_server: addressOf(device),
    port_number: 17472,
    protocol_version: '314',
    full_version: clientVersion,
    last_registration: restTime(now - since),
    send_state: 'Normal',
    receive_state: 'Normal',
    status: device.computerId % 10 === 0 ? 'Leader' : 'Normal',
    public_key_valid: true,
    registered_with_tls: true,
    registration_error: '',
    zone_server: '',
  };
}

function aggregate(count: number): Wire {
  return {
    blocked_count: 0,
    leader_count: 0,
    normal_count: count,
    slowlink_count: 0,
    send_forward_count: 0,
    send_backward_count: 0,
    send_none_count: 0,
    send_ok_count: count,
    receive_forward_count: 0,
    receive_backward_count: 0,
    receive_none_count: 0,
    receive_ok_count: count,
    registered_with_tls_count: count,
    registered_with_errors_count: 0,
    versions: [{ version_string: clientVersion, count, filtered: count }],
  };
}

interface Setting {
  readonly [key: string]: unknown;
  readonly name: string;
  readonly value: string;
}

/** Those that clients read (tanium-api.md 1, 4, 5, 8). */
function settings(cloud: Cloud): readonly Setting[] {
  const values: readonly (readonly [string, number])[] = [
    ['default_percent_when_complete', 99],
    ['session_expiration_seconds', 300],
    ['api_token_expiration_in_days', 7],
    ['require_action_approval', cloud.faults.rate('approvalRequired') > 0 ? 1 : 0],
    ['grouped_action_offset_seconds', 2],
    ['question_action_history_expire_seconds', 3660],
    ['max_action_target_rows', 1000],
    ['question_size_limit', 32_000],
    ['soap_requests_per_second_limit', 0],
  ];
  return values.map(([name, value], index) => ({
    id: index + 1,
    name,
    value: String(value),
    value_type: 'Numeric',
    default_value: String(value),
    setting_type: 'Server',
    hidden_flag: false,
  }));
}
