/** What a persona may do, in the console's words, and which of it each request needs (tanium-api.md 1, 3). */

export const rights = [
  'Action - Read',
  'Action - Write',
  'Action Group - Read',
  'Action Group - Write',
  'Computer Group - Read',
  'Computer Group - Write',
  'Content Set - Read',
  'Content Set - Write',
  'Package - Read',
  'Package - Write',
  'Question - Ask',
  'Sensor - Read',
  'Sensor - Write',
  'Token - Read',
  'Token - Use',
  'Token - Write',
  'User - Read',
] as const;

export type Right = (typeof rights)[number];

/** First steps of paths below `/api/v2/` that belong to one kind of object. */
const objects: Readonly<Record<string, string>> = {
  actions: 'Action',
  saved_actions: 'Action',
  saved_action_approvals: 'Action',
  action_stops: 'Action',
  action_groups: 'Action Group',
  groups: 'Computer Group',
  filter_groups: 'Computer Group',
  management_rights_groups: 'Computer Group',
  computer_groups: 'Computer Group',
  content_sets: 'Content Set',
  packages: 'Package',
  package_files: 'Package',
  upload_file: 'Package',
  upload_file_stream: 'Package',
  sensors: 'Sensor',
  api_tokens: 'Token',
  users: 'User',
};

/** Of a route's path, `/api/v2/sensors/{id}`; null: anybody who has a session may. */
export function rightFor(method: string, path: string): Right | null {
  const [, first = '', version = '', object = '', of = ''] = path.split('/');
  if (first === 'cache') return 'Package - Read';
  if (version !== 'v2') return null;
  if (object === 'questions' || object === 'parse_question') return method === 'POST' ? 'Question - Ask' : null;
  if (object.startsWith('result_')) return of === 'action' ? 'Action - Read' : null;
  // Whoever asks and acts makes anonymous groups.
  if (object === 'groups' && method === 'POST') return null;
  const kind = objects[object];
  if (kind === undefined) return null;
  const right = `${kind} - ${method === 'GET' ? 'Read' : 'Write'}`;
  return isRight(right) ? right : null;
}

export function isRight(name: string): name is Right {
  return (rights as readonly string[]).includes(name);
}
