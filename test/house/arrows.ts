/** The arrows of the house: which room may import which, and which may speak to the world outside. */
import { type Import, type Module, roomOf, targetOf } from './modules.ts';
import { isHash } from './purity.ts';

const inner = ['model', 'errors.ts'];
const ports = ['ports.ts', 'fleet-ports.ts', 'credential-ports.ts'];
const engine = ['reconcile', 'rotation', 'endpoint', 'log.ts', ...ports, ...inner];
const adapter = ['ports.ts', 'credential-ports.ts', 'endpoint', ...inner];

/** Room → the rooms that it may import beside its own, of types too. What is not here is no room. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  'password-errors.ts': [],
  'error-catalogue.ts': ['password-errors.ts'],
  'errors.ts': ['error-catalogue.ts'],
  'ports.ts': ['model', 'credential-ports.ts'],
  'fleet-ports.ts': ['errors.ts', 'model', 'ports.ts'],
  'credential-ports.ts': ['model'],
  'log.ts': ['errors.ts', 'log-file.ts', 'model'],
  'log-file.ts': [],
  model: [],
  desired: inner,
  reconcile: inner,
  render: inner,
  rotation: inner,
  endpoint: inner,
  secrets: ['credential-ports.ts', 'endpoint', ...inner],
  tanium: ['fleet-ports.ts', ...adapter],
  store: adapter,
  simulator: ['endpoint', ...inner],
  apply: engine,
  server: ['apply', ...engine],
  daemon: ['apply', ...engine],
  doctor: ['apply', ...engine],
  commands: [
    'doctor',
    'daemon',
    'server',
    'apply',
    'desired',
    'render',
    'secrets',
    'simulator',
    'tanium',
    'store',
    ...engine,
  ],
  'cli.ts': ['commands', 'errors.ts'],
};

/** Folders beside `src/` whose files a room may read as modules. */
const outside: Readonly<Record<string, readonly string[]>> = {
  desired: ['schemas'],
  commands: ['schemas', 'package.json'],
};

/** Rooms that are computed from their arguments alone: no package and no module of Node. */
const bare = new Set([
  'model',
  'reconcile',
  'render',
  'rotation',
  'endpoint',
  ...ports,
  'errors.ts',
  'error-catalogue.ts',
  'password-errors.ts',
]);

/** Modules by which a program reaches others, and the rooms or files that may: the rest asks through a port (#2). */
const reaching: Readonly<Record<string, readonly string[]>> = {
  // The demo's administrator, who undoes something on a simulated device.
  undici: ['tanium', 'src/commands/demo.ts'],
  mongodb: ['store'],
  fastify: ['server'],
  'simple-git': ['daemon'],
  // NPS-D's Python, asked for its version.
  'node:child_process': ['src/doctor/host.ts', 'secrets', 'daemon', 'src/simulator/powershell/worker.ts'],
  'node:cluster': [],
  'node:dgram': [],
  'node:dns': [],
  'node:dns/promises': [],
  'node:http': ['simulator', 'server'],
  'node:http2': [],
  'node:https': ['simulator', 'server'],
  'node:inspector': [],
  'node:net': ['simulator'],
  'node:tls': ['tanium'],
  'node:worker_threads': [
    'src/commands/reconcile.ts',
    'src/commands/reconcile-thread.ts',
    'src/simulator/powershell/host.ts',
    'src/simulator/powershell/worker.ts',
  ],
};

/** The simulated cloud is spoken to and speaks to nobody. */
const listening = new Set(
  'createServer Server IncomingMessage ServerResponse AddressInfo Socket STATUS_CODES BlockList isIP isIPv4 isIPv6'.split(
    ' ',
  ),
);

/** One sentence per import that goes against the arrows. */
export function arrowsAgainst(module: Module): string[] {
  const room = roomOf(module.path);
  if (room === null) return [];
  const allowed = arrows[room];
  if (allowed === undefined) return [`${module.path}: ${room} is no room of the house`];
  return module.imports.flatMap((one) => {
    const why = against(module, room, allowed, one);
    return why === null ? [] : [`${module.path}:${one.line}: ${why}`];
  });
}

function against(module: Module, room: string, allowed: readonly string[], one: Import): string | null {
  if (one.specifier === null) return 'imports what nobody can read from the source';
  const target = targetOf(module, one.specifier);
  if (target === null) return againstPackage(module, room, one.specifier, one);
  const other = roomOf(target);
  if (other === null) {
    const [folder = ''] = target.split('/');
    return outside[room]?.includes(folder) ? null : `${room} may not import ${target}`;
  }
  if (other === room) return againstSibling(module.path, target);
  return allowed.includes(other) ? null : `${room} may not import ${other}`;
}

/** The two stores share what lies above them, and know nothing of each other. */
const apart = new Set(['mongodb', 'sqlite']);

function againstSibling(path: string, target: string): string | null {
  const [from = '', to = ''] = [path, target].map((each) => each.split('/')[2]);
  const both = apart.has(from) && apart.has(to) && from !== to;
  return both ? `${from} may not import ${to}` : null;
}

/** A plan is told by its digest; a page lets a browser run the script of this hash alone. */
const hashing = new Set(['src/reconcile/hash.ts', 'src/render/html-page.ts']);

function againstPackage(module: Module, room: string, name: string, one: Import): string | null {
  if (bare.has(room)) {
    const hashes = hashing.has(module.path) && isHash(name, one.names);
    const seals = module.path === 'src/endpoint/envelope.ts' && (name === 'node:crypto' || name === 'node:buffer');
    return hashes || seals ? null : `${room} may not import ${name}`;
  }
  const rooms = reaching[name];
  if (rooms !== undefined && !rooms.includes(room) && !rooms.includes(module.path))
    return `${room} may not reach out by ${name}`;
  if (rooms?.includes(room) && room === 'simulator' && !one.typeOnly) {
    const calls = one.names.filter((each) => !listening.has(each));
    return calls.length === 0 ? null : `the simulator may only listen, not use ${calls.join(', ')} of ${name}`;
  }
  return null;
}
