/** What became of a plan, and what remains. */
import type { ActionResult, ApplyResult, DeviceFailure, GateResult } from '../model/apply.ts';
import { contentKinds, type Plan, type PlannedChange } from '../model/plan.ts';
import { ambiguousNames, deedPhrase } from './change-phrase.ts';
import { columns, paragraph, type Row } from './columns.ts';
import { plain } from './escape.ts';
import { foreign, phraseText } from './phrase.ts';
import { pendingText } from './plan-held.ts';
import { listed, moreText, type Page, pageOf, sections, type View } from './view.ts';
import { counted, duration, grouped, place } from './words.ts';

const mostFailures = 20;
const mostActions = 12;
const mostDeeds = 3;

/** `plan`: the one that was applied, whose actions can then be told by what they did; null: by their keys. */
export function applyText(result: ApplyResult, view: View, plan: Plan | null = null): string {
  const page = pageOf(view);
  return sections([
    [
      `${result.run === null ? 'nothing was sent' : `run ${plain(result.run)}`}   plan ${plain(result.plan.slice(0, 8))}`,
    ],
    contentText(result, plan, page),
    actionsText(result.actions, plan, page),
    gatesText(result.gates ?? [], page),
    failuresText(result.failed, page),
    pendingText(result.pending, 'the action', page),
    stoppedText(result, page),
    result.held === 0 ? [] : [`held back: ${counted(result.held, 'change')}`],
    [page.paint('strong', applyVerdict(result, plan))],
  ]);
}

/** What was made in Tanium: all of it, since a run that fails of it has no result. */
function contentText(result: ApplyResult, plan: Plan | null, page: Page): string[] {
  const made = contentOf(result, plan);
  if (made.length === 0) return [];
  const rows = made.map(
    ({ kind, subject }): Row => ({
      lead: { text: '✓', style: 'add' },
      cells: [
        {
          text: phraseText(
            deedPhrase(kind, subject, () => false),
            page.devices,
          ),
        },
      ],
    }),
  );
  return [page.paint('strong', 'Tanium'), ...columns(rows, 0, page).flat()];
}

function contentOf({ run }: ApplyResult, plan: Plan | null): readonly PlannedChange[] {
  if (run === null || plan === null || plan.refusal !== null) return [];
  return plan.changes.filter(({ kind }) => contentKinds.includes(kind));
}

function actionsText(actions: readonly ActionResult[], plan: Plan | null, page: Page): string[] {
  if (actions.length === 0) return [];
  const most = page.devices || actions.length <= mostActions + 1 ? actions.length : mostActions;
  const shown = actions.slice(0, most);
  const rest = actions.slice(most);
  const rows = shown.map((action) => actionRow(deedsOf(action, plan, page), action));
  if (rest.length > 0) rows.push(actionRow(`and ${grouped(rest.length)} more actions`, total(rest)));
  return [page.paint('strong', counted(actions.length, 'action')), ...columns(rows, 0, page).flat()];
}

function actionRow(text: string, { devices, ok, failed, pending }: Omit<ActionResult, 'key'>): Row {
  const style = failed > 0 ? 'error' : pending > 0 ? 'change' : 'add';
  return {
    lead: { text: failed > 0 ? '✗' : pending > 0 ? '…' : '✓', style },
    cells: [
      { text },
      { text: counted(devices, 'device'), align: 'right' },
      { text: `${grouped(ok)} ok`, align: 'right' },
      { text: failed === 0 ? '' : `${grouped(failed)} failed`, style: 'error' },
      { text: pending === 0 ? '' : `${grouped(pending)} pending`, style: 'change' },
    ],
  };
}

function deedsOf({ key }: ActionResult, plan: Plan | null, page: Page): string {
  const action = plan?.actions.find((one) => one.key === key);
  const ids = new Set(action?.changes);
  const changes = plan?.changes.filter((change) => ids.has(change.id)) ?? [];
  // A change that takes several actions is told by the last of them.
  if (changes.length === 0) return [key, ...(action ? [action.stages.join(', ')] : [])].map(plain).join(': ');
  const withSid = page.devices ? () => true : ambiguousNames(plan?.changes.map(({ subject }) => subject) ?? []);
  // Devices that differ in what they had before share an action, and what is done is one thing.
  const deeds = [
    ...new Set(changes.map(({ kind, subject }) => phraseText(deedPhrase(kind, subject, withSid), page.devices))),
  ];
  const most = page.devices || deeds.length <= mostDeeds + 1 ? deeds.length : mostDeeds;
  const left = deeds.length - most;
  return [...deeds.slice(0, most), ...(left > 0 ? [`and ${grouped(left)} more`] : [])].join(', ');
}

function total(actions: readonly ActionResult[]): Omit<ActionResult, 'key'> {
  const sum = { devices: 0, ok: 0, failed: 0, pending: 0 };
  for (const { devices, ok, failed, pending } of actions) {
    sum.devices += devices;
    sum.ok += ok;
    sum.failed += failed;
    sum.pending += pending;
  }
  return sum;
}

/** How each wave stood when the next one was to begin. */
function gatesText(gates: readonly GateResult[], page: Page): string[] {
  if (gates.length === 0) return [];
  const rows = gates.map(
    ({ name, devices, healthy, percent, withinSeconds, passed, source }): Row => ({
      lead: { text: passed ? '✓' : '✗', style: passed ? 'add' : 'error' },
      cells: [
        { text: phraseText([foreign(name)], page.devices) },
        { text: `${grouped(healthy)} of ${counted(devices, 'device')} healthy`, align: 'right' },
        { text: `${percent} % needed within ${duration(withinSeconds * 1000)}`, style: 'dim' },
        { text: passed ? '' : phraseText([foreign(place(source))], page.devices), style: 'dim' },
      ],
    }),
  );
  return [page.paint('strong', counted(gates.length, 'gate')), ...columns(rows, 0, page).flat()];
}

function failuresText(failures: readonly DeviceFailure[], page: Page): string[] {
  if (failures.length === 0) return [];
  const { shown, rest } = listed(failures, mostFailures, page);
  const rows = shown.map(
    ({ device, code, message }): Row => ({
      lead: { text: '✗', style: 'error' },
      cells: [{ text: phraseText([foreign(device)], page.devices) }, { text: plain(code) }, { text: plain(message) }],
    }),
  );
  return [
    page.paint('strong', counted(failures.length, 'device failed', 'devices failed')),
    ...columns(rows, 2, page).flat(),
    ...moreText(rest.length, page),
  ];
}

function stoppedText({ stopped }: ApplyResult, page: Page): string[] {
  return stopped === undefined ? [] : paragraph({ text: '! ', style: 'error' }, plain(stopped.message), page, 'error');
}

/** `Converged.` only where a scan has shown it; else what remains, and what to do next. */
export function applyVerdict(result: ApplyResult, plan: Plan | null = null): string {
  const { converged, actions, failed, pending, held, gates = [], stopped } = result;
  if (converged) return 'Converged.';
  if (plan !== null && plan.scan.at !== null && plan.scan.selected === 0) return 'No data: no device is in scope.';
  const remains: string[] = [];
  const next: string[] = [];
  if (failed.length > 0) {
    remains.push(counted(failed.length, 'device failed', 'devices failed'));
    next.push('mend what they report and apply again');
  }
  const gate = gates.find(({ passed }) => !passed);
  if (gate !== undefined) {
    remains.push(`the gate of ${phraseText([foreign(gate.name)])} failed and the waves after it were not sent`);
    if (failed.length === 0) next.push('see why those devices are not healthy, and apply again');
  }
  if (stopped !== undefined) {
    remains.push('the rest was not sent');
    next.push(
      stopped.code === 'TRUEUP_BUDGET_EXCEEDED'
        ? 'apply again once the budget allows it'
        : 'turn the integration on and apply again',
    );
  }
  if (pending.length > 0) {
    remains.push(`${counted(pending.length, 'device')} pending`);
    next.push('apply again once the pending devices are online');
  }
  const isUnasked = plan?.scan.at === null && contentOf(result, plan).length > 0;
  if (isUnasked) {
    remains.push('the fleet could not be asked before its sensor was made');
    next.push('apply again, which asks it');
  }
  if (held > 0 && !isUnasked) {
    remains.push(`${counted(held, 'change')} held back`);
    next.push('see with `trueup plan --devices` what releases them');
  }
  if (remains.length === 0) {
    remains.push(actions.length === 0 ? 'nothing was sent' : 'the verifying scan found more to do');
    next.push('see with `trueup plan` what there is to do');
  }
  return `Not converged: ${remains.join(', ')}. Next: ${next.join('; ')}.`;
}
