/** Looks at records and fleet, and makes the plan of it: the way that plan, apply and the daemon share. */

import { encodedLength, maxParameterLength } from '../endpoint/encode.ts';
import { parseInventory } from '../endpoint/inventory.ts';
import { TrueupError } from '../errors.ts';
import type { ScanAnswer } from '../fleet-ports.ts';
import type { Desired } from '../model/desired.ts';
import { nothingObserved, type Observation } from '../model/observed.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Allowance, AskedPasswords, Only, Plan } from '../model/plan.ts';
import type { Recorded, RecordedComputer, RecordedProvider, RecordedToggle } from '../model/recorded.ts';
import type { Store } from '../ports.ts';
import { type Selection, selectorsIn } from '../reconcile/attributes.ts';
import { windowStart } from '../reconcile/budget.ts';
import { effectiveOptions } from '../reconcile/options.ts';
import { isOff } from '../reconcile/provider-records.ts';
import { type Reconciliation, reconcile } from '../reconcile/reconcile.ts';
import { type ContentLook, lookAtContent } from './content.ts';
import type { RunContext } from './context.ts';
import { groupsNamed } from './groups-named.ts';
import { ObservationBuilder } from './intern.ts';
import { readLedger } from './ledger.ts';
import { readHoldings } from './passwords/holdings.ts';
import { readRollout } from './rollout.ts';

export type SurveyContext = Pick<
  RunContext,
  'content' | 'desired' | 'provider' | 'labels' | 'store' | 'scanner' | 'clock' | 'signal' | 'tell'
>;

/** What the plan is to be of, and which guards somebody set aside for it. */
export interface Look {
  readonly only: Only | null;
  /** Null: it is of everything, and of no password that is not due. */
  readonly rotate: AskedPasswords | null;
  /** Computer IDs of devices that this run has asked for that already; left out: none. */
  readonly rotated?: ReadonlySet<string>;
  readonly allow: readonly Allowance[];
  /** Waves that somebody releases, by name or number. */
  readonly approve: readonly string[];
  /** The waves of a plan that was agreed on, by Computer ID. */
  readonly placed: ReadonlyMap<string, number>;
  /** Whether somebody sees the plan before it is carried out. */
  readonly attended: boolean;
}

export const wholeLook: Look = { only: null, rotate: null, allow: [], approve: [], placed: new Map(), attended: true };

/** The look at which a plan comes out the same, as long as nothing has changed. */
export function lookOf({ only, rotate, allowances, rollout, actions }: Plan): Look {
  const approve = (rollout?.approved ?? []).map(String);
  const placed = rollout === undefined ? wholeLook.placed : placesIn(actions);
  return { only, rotate: rotate ?? null, allow: allowances, approve, placed, attended: true };
}

function placesIn(actions: Plan['actions']): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const { targets, wave } of actions) for (const computerId of targets) places.set(computerId, wave);
  return places;
}

export interface Survey extends Reconciliation {
  readonly recorded: Recorded;
  readonly observation: Observation;
  readonly options: IntegrationOptions;
  /** Null: none is declared, it is none of this plan, or the integration is off. */
  readonly content: ContentLook | null;
}

/**
 * `fresh`: a stored scan does not serve, whatever its age; apply always asks anew. Throws TRUEUP_SENSOR_FOREIGN besides
 * what the scanner and `reconcile` throw.
 */
export async function survey(context: SurveyContext, look: Look & { readonly fresh: boolean }): Promise<Survey> {
  const recorded = await readRecords(context);
  const options = effectiveOptions(context.provider, recorded);
  const content = isOff(context.provider, recorded) ? null : await contentOf(context, options, recorded, look);
  refuseOthers(content);
  const observation =
    content?.restsScan === true ? nothingObserved : await observe(context, recorded, options, look.fresh);
  refuseForeign(observation, options.sensor_name);
  return { recorded, observation, options, content, ...conclude(context, recorded, observation, content, look) };
}

/** Content is of a plan of everything, and of one of the document that declares it. */
function contentOf(
  context: SurveyContext,
  options: IntegrationOptions,
  { computers }: Pick<Recorded, 'computers'>,
  { only, rotate }: Pick<Look, 'only' | 'rotate'>,
): Promise<ContentLook | null> | null {
  if (rotate !== null) return null;
  const isOf = only === null || ('policy' in only && only.policy === context.desired.content.ref?.name);
  return isOf ? lookAtContent(context, options, computers.length) : null;
}

/** A sensor that has somebody else's script is told as that, and not by what each device answers it with. */
function refuseOthers(content: ContentLook | null): void {
  const foreign = content?.verdicts.find(({ kind, state }) => kind === 'sensor' && state === 'foreign');
  const [finding] = foreign?.findings ?? [];
  if (finding !== undefined) throw new TrueupError('TRUEUP_SENSOR_FOREIGN', finding.message);
}

/** Answers of which not one is of our script are those of another sensor, not of devices in an odd state. */
function refuseForeign({ texts }: Observation, sensor: string): void {
  const answers = texts.filter(({ kind }) => kind !== 'no-answer');
  if (answers.length === 0 || answers.some(({ kind }) => kind !== 'malformed')) return;
  const message = `No device answers the sensor ${JSON.stringify(sensor)} with an inventory.`;
  throw new TrueupError('TRUEUP_SENSOR_FOREIGN', message);
}

/** The pure step: the same records and observation give the same plan. */
export function conclude(
  context: Pick<RunContext, 'desired' | 'provider' | 'labels' | 'clock'>,
  recorded: Recorded,
  observation: Observation,
  content: ContentLook | null,
  { only, rotate, rotated = new Set(), allow, approve, placed, attended }: Look,
): Reconciliation {
  return reconcile({
    desired: context.desired,
    provider: context.provider,
    recorded,
    observation,
    content,
    labels: context.labels,
    only,
    rotate,
    rotated,
    allow,
    approve,
    placed,
    attended,
    now: context.clock.now(),
    encodedLength,
    maxEncodedLength: maxParameterLength,
  });
}

/** What says whether the integration is on, and with which options. */
export async function readProvider(
  context: Pick<RunContext, 'provider' | 'store'>,
): Promise<Pick<Recorded, 'owner' | 'toggle' | 'providers'>> {
  return { owner: context.store.owner, toggle: await readToggle(context), providers: await readRows(context) };
}

export async function readRecords(
  context: Pick<RunContext, 'desired' | 'provider' | 'store' | 'clock'>,
): Promise<Recorded> {
  const { store, clock } = context;
  return {
    ...(await readProvider(context)),
    computers: await readComputers(store),
    applied: await store.applied(),
    spent: await store.spent(windowStart(clock.now())),
    ...(await readLedger(store, clock.now())),
    credentials: await readHoldings(store),
    rollout: await readRollout(context),
  };
}

export async function readComputers(store: Pick<Store, 'computers'>): Promise<readonly RecordedComputer[]> {
  const computers: RecordedComputer[] = [];
  for await (const computer of store.computers()) computers.push(computer);
  return computers;
}

/** Rows that are, or may be, the provider's: one without a name has none to compare. */
async function readRows({
  store,
  provider,
}: Pick<RunContext, 'provider' | 'store'>): Promise<readonly RecordedProvider[]> {
  const rows = await store.providers(provider.provider);
  return rows.filter((row) => row.name === null || row.name === provider.name);
}

/** The embedded store's own toggle is off from the start, and counts only where it is declared. */
export async function readToggle({
  store,
  provider,
}: Pick<RunContext, 'provider' | 'store'>): Promise<RecordedToggle | null> {
  if (provider.toggle === null && store.owner === 'embedded') return null;
  return store.toggle(provider.toggle?.name ?? provider.provider);
}

async function observe(
  context: SurveyContext,
  recorded: Recorded,
  options: IntegrationOptions,
  fresh: boolean,
): Promise<Observation> {
  if (isOff(context.provider, recorded)) return nothingObserved;
  const realTime = needsRealTime(context.desired, recorded);
  if (!fresh && !realTime) {
    const stored = await storedObservation(context, options.sensor_max_age_seconds);
    if (stored !== null) return stored;
  }
  return askFleet(context, {
    sensor: options.sensor_name,
    maxAgeSeconds: realTime ? 1 : null,
    computerIds: null,
    timeoutSeconds: options.action_timeout_seconds,
  });
}

/** Protect JITA or Deny, declared or recorded, on any device: the cache does not serve (#111). */
function needsRealTime(desired: Desired, recorded: Recorded): boolean {
  const declared = desired.computers.some(
    (policy) => policy.enforcement !== 'ignore' && policy.protect !== undefined && policy.protect !== 'Disabled',
  );
  return (
    declared || recorded.computers.some((computer) => computer.protect !== null && computer.protect !== 'Disabled')
  );
}

/** The scan's time is that of Tanium's clock, which may be a little ahead of this machine's. */
export const mostSkewSeconds = 60;

async function storedObservation(context: SurveyContext, maxAgeSeconds: number): Promise<Observation | null> {
  const scan = await context.store.latestScan('inventory');
  if (scan === null) return null;
  const ageSeconds = servingAge(scan.at, context.clock.now(), maxAgeSeconds);
  if (ageSeconds === null) return null;
  const builder = new ObservationBuilder(parseInventory);
  for await (const row of scan.rows) builder.add(row);
  return builder.build({
    at: scan.at,
    ageSeconds,
    expected: scan.expected,
    groupMembers: await groupMembers(context, selectorsIn(context.desired)),
  });
}

/** Seconds since a stored scan; null: it is too old, or of a time that is yet to come, and nobody can say how old it is. */
export function servingAge(at: string, now: string, maxAgeSeconds: number): number | null {
  const seconds = Math.round((Date.parse(now) - Date.parse(at)) / 1000);
  return seconds > maxAgeSeconds || seconds < -mostSkewSeconds ? null : Math.max(0, seconds);
}

export interface Question {
  readonly sensor: string;
  readonly maxAgeSeconds: number | null;
  readonly computerIds: readonly string[] | null;
  readonly timeoutSeconds: number;
}

async function askFleet(context: SurveyContext, question: Question): Promise<Observation> {
  const { at, expected, rows } = await ask(context, question);
  const builder = new ObservationBuilder(parseInventory);
  await builder.addScanned(rows);
  const members = await groupMembers(context, selectorsIn(context.desired));
  return builder.build({ at, ageSeconds: 0, expected, groupMembers: members });
}

export function ask(context: SurveyContext, question: Question): Promise<ScanAnswer> {
  return context.scanner.scan({
    ...question,
    signal: context.signal,
    progress: (answered, expected) => context.tell({ kind: 'scan', answered, expected }),
  });
}

/** Of the groups that these statements select by. */
export async function groupMembers(
  context: Pick<RunContext, 'scanner' | 'signal'>,
  selections: readonly Selection[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const members = new Map<string, ReadonlySet<string>>();
  for (const group of groupsNamed(selections)) {
    members.set(group, await context.scanner.groupMembers(group, context.signal));
  }
  return members;
}

/** Refuses a run whose action could no longer be wanted: both switches are read again before each POST. */
export async function assertEnabled(context: Pick<RunContext, 'provider' | 'store'>): Promise<void> {
  const { store, provider } = context;
  const toggle = await readToggle(context);
  if (toggle === null ? provider.toggle !== null : !toggle.enabled) {
    const name = provider.toggle?.name ?? provider.provider;
    throw new TrueupError('TRUEUP_PROVIDER_OFF', `The release toggle ${name} was turned off during the run.`);
  }
  const rows = await readRows(context);
  const during = (what: string): string => `The provider ${provider.name} ${what} during the run.`;
  if (rows.some((row) => row.enable === false)) throw new TrueupError('TRUEUP_PROVIDER_OFF', during('was disabled'));
  if (rows.length > 1) throw new TrueupError('TRUEUP_PROVIDER_AMBIGUOUS', during('got a second row'));
  if (rows.length === 0 && store.owner === 'npsd') {
    throw new TrueupError('TRUEUP_PROVIDER_MISSING', during('lost its row'));
  }
}
