/** What the inner rooms need of the fleet, through Tanium. */
import type { TrueupError } from './errors.ts';
import type {
  ObservedContent,
  ObservedFile,
  ObservedPackage,
  ObservedParameter,
  ObservedSensor,
  ObservedToken,
} from './model/content.ts';
import type { DeviceRow } from './ports.ts';

export interface ScanRequest {
  readonly sensor: string;
  /** Oldest answer that a client may give from its cache; null: the sensor's own maximum age. */
  readonly maxAgeSeconds: number | null;
  /** Only these devices; null: all machines. */
  readonly computerIds: readonly string[] | null;
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
  /** Told after each poll. */
  readonly progress?: (answered: number, expected: number) => void;
}

export interface ScanAnswer {
  /** The server's clock, ISO 8601 to the second. */
  readonly at: string;
  readonly expected: number;
  readonly answered: number;
  /** Streams page by page; at most once. A device that the server shows twice comes twice, and the later row holds. */
  readonly rows: DeviceRows;
}

export interface DeviceRows extends AsyncIterable<DeviceRow> {
  /** The same a page at a time, instead: a million rows one by one cost as many promises. Left out: there are no pages. */
  readonly pages?: AsyncIterable<readonly DeviceRow[]>;
}

/** The one question of a bulk scan. */
export interface GroupScanRequest extends Omit<ScanRequest, 'computerIds'> {
  /** The exact name of a computer group. */
  readonly group: string;
}

export interface GroupScanAnswer extends ScanAnswer {
  /** Id of the question. */
  readonly question: string;
  /**
   * Once the rows are read: members that have had a look, where every client has that Tanium counts as connected, so that
   * whoever is missing beyond them is offline; null: some client has not.
   */
  readonly heard: () => number | null;
}

/** One machine that Tanium has under a name. */
export type NamedMachine = Omit<DeviceRow, 'text'>;

/** A machine that answers now, and the temporary group that it alone is in. */
export interface LocatedMachine {
  readonly row: DeviceRow;
  /** Of the question that found it. */
  readonly groupId: number;
  /** The server's clock, ISO 8601 to the second. */
  readonly at: string;
}

export interface FleetScanner {
  /** Asks one question and waits until it converged or timed out; creates no action. */
  scan(request: ScanRequest): Promise<ScanAnswer>;
  /**
   * The same, of the members of a group and by one request whatever its size: `expected` and `answered` are the members
   * that Tanium counts. A long result is read at most twice; rows that are not there by then do not come.
   */
  scanGroup(request: GroupScanRequest): Promise<GroupScanAnswer>;
  /** The machines of these names, short or with their domain, that answer now; a name that no host can have finds none. */
  named(names: readonly string[], signal?: AbortSignal): Promise<readonly NamedMachine[]>;
  /** Asks one machine for the sensor, by its Computer ID; null: it does not answer. */
  locate(computerId: string, request: Omit<ScanRequest, 'computerIds' | 'progress'>): Promise<LocatedMachine | null>;
  /** Computer IDs of the members of a computer group, by its exact name. */
  groupMembers(group: string, signal?: AbortSignal): Promise<ReadonlySet<string>>;
}

/** Where and how the actions of a run go; resolved once per run from the provider's options. */
export interface ActionRoute {
  readonly packageName: string;
  readonly packageParamOffset: number;
  readonly actionGroupName: string;
}

export interface IssueRequest {
  readonly name: string;
  readonly comment: string;
  /** The value of the package's one parameter: Base64, not yet percent-encoded. */
  readonly encodedCommand: string;
  readonly computerIds: readonly string[];
  /** A group of exactly these devices; left out: one is made of their Computer IDs. */
  readonly groupId?: number;
  readonly expireSeconds: number;
}

export type ActionState = 'waiting' | 'running' | 'completed' | 'failed' | 'expired';

export interface ActionProgress {
  /** Whether the server stopped it, or it waits for approval. */
  readonly status: 'pending' | 'open' | 'closed' | 'stopped' | 'approval';
  /** By Computer ID; a device that said nothing yet is missing. */
  readonly devices: ReadonlyMap<string, ActionState>;
}

export interface FleetActions {
  /** Finds package, parameter key and action group, and says by name what is missing. */
  route(route: ActionRoute, signal?: AbortSignal): Promise<ResolvedRoute>;
  /**
   * Makes the group of the action of this name, for more devices than its text can name, and answers its id.
   * `computerNames`: each the whole Computer Name of one device alone. Where a group of this action is there, it is that.
   */
  makeGroup(name: string, computerNames: readonly string[], signal?: AbortSignal): Promise<number>;
  /** Takes the group of the action of this name away, and no other one; where there is none, it is gone. */
  removeGroup(name: string, signal?: AbortSignal): Promise<void>;
  /** Creates the action and answers its id. An error with `doubtful: true` may have created it all the same. */
  issue(route: ResolvedRoute, request: IssueRequest, signal?: AbortSignal): Promise<string>;
  /** Ids of the actions of exactly this name, ascending. */
  find(name: string, signal?: AbortSignal): Promise<readonly string[]>;
  progress(actionId: string, signal?: AbortSignal): Promise<ActionProgress>;
  /** The action's output on each of these devices, as far as it is to be had: file order, no line numbers. */
  logs(actionId: string, computerIds: readonly string[], signal?: AbortSignal): AsyncIterable<ActionLog>;
}

export interface ResolvedRoute {
  readonly packageId: number;
  /** `$0`: the key under which the package takes its parameter. */
  readonly parameterKey: string;
  readonly actionGroupId: number;
}

export interface ActionLog {
  readonly computerId: string;
  readonly name: string;
  readonly lines: readonly string[];
}

/**
 * How far a request comes, in this order; `access`: address and secrets can be read · `http`: something answers in HTTP ·
 * `api`: it is the Tanium API v2. Through a proxy, what lies behind it is the proxy's to find.
 */
export type ReachLayer = 'access' | 'proxy' | 'dns' | 'tcp' | 'tls' | 'http' | 'api' | 'token' | 'rights';

export interface Reach {
  /** `host:port` of Tanium; null: not known. */
  readonly host: string | null;
  /** `host:port` of the proxy; null: there is none. */
  readonly proxy: string | null;
  /** Over plain http, which goes to this machine alone. */
  readonly isPlain: boolean;
  /** What ended the request, and where; null: it went well. */
  readonly failure: { readonly layer: ReachLayer; readonly error: TrueupError } | null;
  readonly ms: number;
}

/** How an answer looks, whatever it is; without a secret. */
export interface Probe {
  /** `GET https://…/api/v2/sensors` */
  readonly request: string;
  readonly status: number;
  readonly ms: number;
  readonly contentType: string;
  /** At most 200 characters. */
  readonly beginning: string;
}

/** The connection itself, for a diagnosis. */
export interface FleetConnection {
  /** One cheap read, the API token test of the seed (#158). Throws nothing but an interruption. */
  reach(signal?: AbortSignal): Promise<Reach>;
  /** The seed's "Test Tanium API directly" (#171). */
  probe(signal?: AbortSignal): Promise<Probe>;
}

/** What declared content is held against. */
export interface ContentRequest {
  readonly sensor: string;
  /** Null: nobody asks for it. */
  readonly postureSensor: string | null;
  readonly packageName: string;
  /** SHA-256 in hex of the files that a package should have: of others the text is fetched too. */
  readonly knownHashes: ReadonlySet<string>;
}

/** A sensor as it is made; seconds, minutes and counts as Tanium has them, 0: Disabled. */
export interface SensorFields
  extends Pick<ObservedSensor, 'name' | 'contentSet' | 'category' | 'valueType' | 'maxAgeSeconds'>,
    Pick<ObservedSensor, 'maxStringAgeMinutes' | 'maxStrings' | 'ignoreCase' | 'hidden' | 'columns' | 'queries'> {
  readonly description: string;
}

export interface PackageFields
  extends Pick<ObservedPackage, 'name' | 'displayName' | 'contentSet' | 'command' | 'commandTimeoutSeconds'>,
    Pick<ObservedPackage, 'expireSeconds' | 'skipLock' | 'processGroup'> {
  readonly parameter: Pick<ObservedParameter, 'key' | 'label'>;
  /** By the hashes that their uploads were answered with. */
  readonly files: readonly Pick<ObservedFile, 'name' | 'hash' | 'size'>[];
}

/** Names of sensors and of packages are there once, so that nothing is made twice: who doubts looks again. */
export interface FleetContent {
  look(request: ContentRequest, signal?: AbortSignal): Promise<ObservedContent>;
  /** Answers the SHA-256 of the bytes as the server has it, in hex. */
  upload(bytes: Uint8Array, signal?: AbortSignal): Promise<string>;
  /** An error with `doubtful: true` may have made it all the same, as of `createPackage`. */
  createSensor(fields: SensorFields, signal?: AbortSignal): Promise<void>;
  createPackage(fields: PackageFields, signal?: AbortSignal): Promise<void>;
  /** Exactly these fields; all others stay. */
  changeSensor(id: number, fields: Partial<SensorFields>, signal?: AbortSignal): Promise<void>;
  changePackage(id: number, fields: Partial<PackageFields>, signal?: AbortSignal): Promise<void>;
}

export interface NewToken extends Pick<ObservedToken, 'name' | 'notes' | 'personaId' | 'expireInDays' | 'trusted'> {}

export interface FleetTokens {
  list(signal?: AbortSignal): Promise<readonly ObservedToken[]>;
  /** Id of the user that the token in use acts for; 0: the server does not say. */
  user(signal?: AbortSignal): Promise<number>;
  /** `value` is a secret. An error with `doubtful: true` may have made it all the same. */
  create(token: NewToken, signal?: AbortSignal): Promise<{ readonly id: number; readonly value: string }>;
  /** One that is gone is no error. */
  remove(id: number, signal?: AbortSignal): Promise<void>;
}
