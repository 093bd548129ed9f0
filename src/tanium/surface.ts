/**
 * Every Tanium end point that Trueup calls; the client can reach no other. `seedSurface` is the table that NPS-D's
 * own integration lists (npsd-domain.md #174); each entry of `beyondSeed` says why that table does not suffice.
 */
import type { TaniumRight } from '../model/content.ts';

export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the base URL, with `{name}` for each path parameter. */
  readonly path: string;
  /**
   * Whether the same request may be sent again: `always` (it changes no device, and twice does what once does), `never`.
   */
  readonly repeat: 'always' | 'never';
  /** What the persona needs for it; null: a session is enough. */
  readonly right: TaniumRight | null;
}

const seedSurface = {
  // One that was asked all the same is read by nobody, and expires.
  askQuestion: { method: 'POST', path: '/api/v2/questions', repeat: 'always', right: 'Question - Ask' },
  createAction: { method: 'POST', path: '/api/v2/actions', repeat: 'never', right: 'Action - Write' },
  action: { method: 'GET', path: '/api/v2/actions/{id}', repeat: 'always', right: 'Action - Read' },
  packages: { method: 'GET', path: '/api/v2/packages', repeat: 'always', right: 'Package - Read' },
  // A name is there once: whatever became of a doubtful request, the object is looked for by its name (#175).
  createPackage: { method: 'POST', path: '/api/v2/packages', repeat: 'never', right: 'Package - Write' },
  sensors: { method: 'GET', path: '/api/v2/sensors', repeat: 'always', right: 'Sensor - Read' },
  createSensor: { method: 'POST', path: '/api/v2/sensors', repeat: 'never', right: 'Sensor - Write' },
  questionData: { method: 'GET', path: '/api/v2/result_data/question/{id}', repeat: 'always', right: null },
  actionData: { method: 'GET', path: '/api/v2/result_data/action/{id}', repeat: 'always', right: 'Action - Read' },
  groups: { method: 'GET', path: '/api/v2/groups', repeat: 'always', right: 'Computer Group - Read' },
} as const;

export const beyondSeed = {
  // The list of a real server is tens of megabytes; one sensor or package is asked for by its name.
  sensorByName: { method: 'GET', path: '/api/v2/sensors/by-name/{name}', repeat: 'always', right: 'Sensor - Read' },
  // As `sensorByName`.
  packageByName: { method: 'GET', path: '/api/v2/packages/by-name/{name}', repeat: 'always', right: 'Package - Read' },
  // The temporary group of the machines that a question is for, at which its action is then aimed (#14).
  question: { method: 'GET', path: '/api/v2/questions/{id}', repeat: 'always', right: null },
  // Says how many machines have answered; result_data does not move unless it is called (tanium-api.md 4).
  questionInfo: { method: 'GET', path: '/api/v2/result_info/question/{id}', repeat: 'always', right: null },
  // The server renews an action's tracking question only when this is called (tanium-api.md 5).
  actionInfo: { method: 'GET', path: '/api/v2/result_info/action/{id}', repeat: 'always', right: 'Action - Read' },
  // `groups` shares its numbers and names with action groups and mixes them up (tanium/pytan#38).
  actionGroups: { method: 'GET', path: '/api/v2/action_groups', repeat: 'always', right: 'Action Group - Read' },
  // After a doubtful POST the action is looked for, so that it is never issued twice.
  actionsByName: { method: 'GET', path: '/api/v2/actions/by-name/{name}', repeat: 'always', right: 'Action - Read' },
  // One action for more devices than a text can name goes to a group of its own, which goes when the action is over.
  createTargetGroup: {
    method: 'POST',
    path: '/api/v2/computer_groups',
    repeat: 'never',
    right: 'Computer Group - Write',
  },
  // After a doubtful POST, and before it is removed: by its name it is known to be the action's own.
  targetGroupByName: {
    method: 'GET',
    path: '/api/v2/computer_groups/by-name/{name}',
    repeat: 'always',
    right: 'Computer Group - Read',
  },
  // As `createTargetGroup`; a group that somebody else made is never asked for.
  deleteTargetGroup: {
    method: 'DELETE',
    path: '/api/v2/computer_groups/{id}',
    repeat: 'always',
    right: 'Computer Group - Write',
  },
  // A pending action says only through its saved action that it waits for approval.
  savedAction: { method: 'GET', path: '/api/v2/saved_actions/{id}', repeat: 'always', right: 'Action - Read' },
  // A package takes its files by the hashes of what was sent up; the same bytes are the same file.
  uploadFile: { method: 'POST', path: '/api/v2/upload_file', repeat: 'always', right: 'Package - Write' },
  // A file of a package that is none of ours by its hash: only its text tells whose it is, and of which version.
  cachedFile: { method: 'GET', path: '/cache/{hash}', repeat: 'always', right: 'Package - Read' },
  // Only under `manage: update`, after a plan has shown what changes; the table knows no way to change content (#175).
  changeSensor: { method: 'PATCH', path: '/api/v2/sensors/{id}', repeat: 'always', right: 'Sensor - Write' },
  // As `changeSensor`.
  changePackage: { method: 'PATCH', path: '/api/v2/packages/{id}', repeat: 'always', right: 'Package - Write' },
  // Whether the content set that is declared exists (#40).
  contentSets: { method: 'GET', path: '/api/v2/content_sets', repeat: 'always', right: 'Content Set - Read' },
  // Who the token acts as, and what it may do (#72).
  currentUser: { method: 'GET', path: '/api/v2/session/current', repeat: 'always', right: null },
  // When the token ends (#73).
  tokens: { method: 'GET', path: '/api/v2/api_tokens', repeat: 'always', right: 'Token - Read' },
  // `trueup token rotate` makes a second token and tests it before it gives up the first one; PATCH would end that at once.
  createToken: { method: 'POST', path: '/api/v2/api_tokens', repeat: 'never', right: 'Token - Write' },
  // The first one, once the second is where the first one was read from.
  deleteToken: { method: 'DELETE', path: '/api/v2/api_tokens/{id}', repeat: 'always', right: 'Token - Write' },
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
