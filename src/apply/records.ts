/** Writes the first stage of a plan: toggle, provider, options, computers. Records first, then the fleet. */
import { TrueupError } from '../errors.ts';
import type { Protect } from '../model/desired.ts';
import type { OptionName, OptionValue } from '../model/options.ts';
import { type Plan, type PlannedChange, type PlanValue, recordKinds } from '../model/plan.ts';
import type { RecordedProvider } from '../model/recorded.ts';
import type { ComputerChange, NewComputer, ProviderChange, Store } from '../ports.ts';
import type { RunContext } from './context.ts';
import { readComputers, type Survey } from './survey.ts';

/** Answers how many changes were written. */
export async function writeRecords(context: RunContext, plan: Plan, survey: Survey): Promise<number> {
  const records = plan.changes.filter(({ kind }) => recordKinds.includes(kind));
  if (records.length === 0) return 0;
  await context.assertHeld();
  await writeToggle(context.store, records);
  await writeProvider(context, records, survey.recorded.providers);
  await enroll(context, records, survey);
  await changeComputers(context, records, survey);
  return records.length;
}

async function writeToggle(store: Store, changes: readonly PlannedChange[]): Promise<void> {
  for (const change of changes) {
    if (change.kind !== 'toggle.set') continue;
    const name = change.subject['toggle'] ?? '';
    if (!(await store.setToggle(name, change.to === true))) {
      throw new TrueupError('TRUEUP_TOGGLE_MISSING', `The release toggle ${name} has no row in ${store.address}.`);
    }
  }
}

/** All fields and options of one apply go out in one update. */
async function writeProvider(
  context: RunContext,
  changes: readonly PlannedChange[],
  rows: readonly RecordedProvider[],
): Promise<void> {
  const create = changes.find((change) => change.kind === 'provider.create');
  const change = providerChange(changes, create?.to ?? null);
  if (create === undefined && Object.keys(change).length === 0) return;
  const row = create
    ? await context.store.createProvider(context.provider.provider, context.provider.name)
    : onlyRow(rows, context);
  await context.store.setProvider(row.id, change);
}

function onlyRow(rows: readonly RecordedProvider[], context: RunContext): RecordedProvider {
  const [row, second] = rows;
  if (row === undefined) {
    throw new TrueupError(
      'TRUEUP_PROVIDER_MISSING',
      `No provider row ${context.provider.name} in ${context.store.address}.`,
    );
  }
  if (second !== undefined) {
    throw new TrueupError('TRUEUP_PROVIDER_AMBIGUOUS', `${rows.length} provider rows match ${context.provider.name}.`);
  }
  return row;
}

function providerChange(changes: readonly PlannedChange[], created: PlanValue): ProviderChange {
  const fields: Record<string, PlanValue> = {};
  const options: Partial<Record<OptionName, OptionValue>> = {};
  const removeOptions: string[] = [];
  if (isMap(created)) {
    for (const [field, value] of Object.entries(created)) if (field !== 'options') fields[field] = value;
    if (isMap(created['options'])) Object.assign(options, created['options']);
  }
  for (const { kind, subject, to } of changes) {
    if (kind === 'provider.set') fields[subject['field'] ?? ''] = to;
    if (kind !== 'option.set') continue;
    const option = subject['option'] ?? '';
    if (to === null) removeOptions.push(option);
    else options[option as OptionName] = to as OptionValue;
  }
  return {
    ...(fields as ProviderChange),
    ...(Object.keys(options).length > 0 ? { options } : {}),
    ...(removeOptions.length > 0 ? { removeOptions } : {}),
  };
}

async function enroll(context: RunContext, changes: readonly PlannedChange[], survey: Survey): Promise<void> {
  if (!changes.some(({ kind }) => kind === 'computer.enroll')) return;
  const byLabel = new Map(survey.findings.devices.map((device) => [device.label, device]));
  const observed = new Map(Array.from(survey.observation.devices, (device) => [device.computerId, device]));
  const insertedAt = context.clock.now();
  const created: NewComputer[] = [];
  const settings = new Map<string, Omit<ComputerChange, 'id'>>();
  for (const change of changes) {
    if (change.kind !== 'computer.enroll') continue;
    for (const label of change.devices) {
      const device = observed.get(byLabel.get(label)?.computerId ?? '');
      if (device === undefined) continue;
      const { computerId, name, domain, os } = device;
      created.push({ computerId, name, domain, os, insertedAt });
      settings.set(computerId, computerSettings(change.to));
    }
  }
  if (created.length === 0) return;
  await context.store.enroll(created);
  const updates: ComputerChange[] = [];
  for (const computer of await readComputers(context.store)) {
    const setting = settings.get(computer.computerId ?? '');
    if (setting !== undefined) updates.push({ id: computer.id, ...setting });
  }
  await context.store.change(updates);
}

async function changeComputers(context: RunContext, changes: readonly PlannedChange[], survey: Survey): Promise<void> {
  const recordOf = new Map(survey.findings.devices.map((device) => [device.label, device.recordId]));
  const updates = new Map<string, ComputerChange>();
  for (const change of changes) {
    if (change.kind !== 'computer.set') continue;
    for (const label of change.devices) {
      const id = recordOf.get(label);
      if (id === undefined || id === null) continue;
      const before: ComputerChange = updates.get(id) ?? { id };
      updates.set(id, { ...before, ...computerSettings({ [change.subject['field'] ?? '']: change.to }) });
    }
  }
  await context.store.change([...updates.values()]);
}

/** Plan values, as a person reads them, to what the record holds. */
function computerSettings(to: PlanValue): Omit<ComputerChange, 'id'> {
  if (!isMap(to)) return {};
  const { scan, protect, offlineAccess, edrIntegration } = to;
  return {
    ...(scan === undefined ? {} : { scan: scan === 'Enabled' }),
    ...(protect === undefined ? {} : { protect: protect as Protect }),
    ...(offlineAccess === undefined ? {} : { offlineAccess: 'Unmanaged' as const }),
    ...(edrIntegration === undefined ? {} : { edrIntegration: edrIntegration as string }),
  };
}

function isMap(value: PlanValue | undefined): value is { readonly [key: string]: PlanValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
