/**
 * Every Tanium end point that Trueup calls; the client can reach no other. `seedSurface` is the table that NPS-D's
 * own integration lists (npsd-domain.md #174); each entry of `beyondSeed` says why that table does not suffice.
 */
export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, with `{name}` for each path parameter. */
  readonly path: string;
  /**
   * Whether the same request may be sent again: `always` (it changes no device, and twice does what once does), `never`.
   */
  readonly repeat: 'always' | 'never';
}

const seedSurface = {
  // One that was asked all the same is read by nobody, and expires.
  askQuestion: { method: 'POST', path: '/api/v2/questions', repeat: 'always' },
  createAction: { method: 'POST', path: '/api/v2/actions', repeat: 'never' },
  action: { method: 'GET', path: '/api/v2/actions/{id}', repeat: 'always' },
  packages: { method: 'GET', path: '/api/v2/packages', repeat: 'always' },
  sensors: { method: 'GET', path: '/api/v2/sensors', repeat: 'always' },
  questionData: { method: 'GET', path: '/api/v2/result_data/question/{id}', repeat: 'always' },
  actionData: { method: 'GET', path: '/api/v2/result_data/action/{id}', repeat: 'always' },
  groups: { method: 'GET', path: '/api/v2/groups', repeat: 'always' },
} as const;

export const beyondSeed = {
  // The list of a real server is tens of megabytes; one sensor or package is asked for by its name.
  sensorByName: { method: 'GET', path: '/api/v2/sensors/by-name/{name}', repeat: 'always' },
  packageByName: { method: 'GET', path: '/api/v2/packages/by-name/{name}', repeat: 'always' },
  // The temporary group of the machines that a question is for, at which its action is then aimed (#14).
  question: { method: 'GET', path: '/api/v2/questions/{id}', repeat: 'always' },
  // Says how many machines have answered; result_data does not move unless it is called (tanium-api.md 4).
  questionInfo: { method: 'GET', path: '/api/v2/result_info/question/{id}', repeat: 'always' },
  // The server renews an action's tracking question only when this is called (tanium-api.md 5).
  actionInfo: { method: 'GET', path: '/api/v2/result_info/action/{id}', repeat: 'always' },
  // `groups` shares its numbers and names with action groups and mixes them up (tanium/pytan#38).
  actionGroups: { method: 'GET', path: '/api/v2/action_groups', repeat: 'always' },
  // After a doubtful POST the action is looked for, so that it is never issued twice.
  actionsByName: { method: 'GET', path: '/api/v2/actions/by-name/{name}', repeat: 'always' },
  // A pending action says only through its saved action that it waits for approval.
  savedAction: { method: 'GET', path: '/api/v2/saved_actions/{id}', repeat: 'always' },
} as const;

export type EndpointName = keyof typeof seedSurface | keyof typeof beyondSeed;

export const surface: Readonly<Record<EndpointName, Endpoint>> = { ...seedSurface, ...beyondSeed };

export type PathParameters = Readonly<Record<string, string | number>>;
export type Query = Readonly<Record<string, string | number>>;

/** The request target: every parameter percent-encoded, `.` and `..` too, which a URL would otherwise resolve. */
export function pathOf(endpoint: Endpoint, parameters: PathParameters = {}, query: Query = {}): string {
  const path = endpoint.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const encoded = encodeURIComponent(String(parameters[name] ?? '').toWellFormed());
    return /^\.+$/.test(encoded) ? encoded.replaceAll('.', '%2E') : encoded;
  });
  const pairs = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return pairs.length === 0 ? path : `${path}?${pairs.join('&')}`;
}
