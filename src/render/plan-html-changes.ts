/** Changes, held changes and actions of a plan as tables of a page. */
import type { HeldChange, Plan, PlannedAction, PlannedChange } from '../model/plan.ts';
import { changePhrase, creationPhrase, signOf, styleOf, type WithSid } from './change-phrase.ts';
import type { Bounds } from './fitting.ts';
import {
  type Column,
  type Html,
  html,
  joined,
  name,
  nameLines,
  nothing,
  phraseHtml,
  type Row,
  sentence,
  table,
} from './html.ts';
import { largest, reasonPhrase } from './plan-blocks.ts';
import { guardsOf, holdPhrase } from './plan-held.ts';
import { counted, grouped, place, tally } from './words.ts';

export interface HtmlLevel extends Bounds {
  /** Cells of a name. */
  readonly name: number;
  /** What the level leaves out; null: nothing. */
  readonly without: string | null;
}

const changeColumns: readonly Column[] = [
  { text: 'Change' },
  { text: 'Devices' },
  { text: 'Reason' },
  { text: 'Declared by' },
];

/** Empty where there is no change. */
export function changeSection(
  title: string,
  changes: readonly PlannedChange[],
  withSid: WithSid,
  level: HtmlLevel,
): Html {
  if (changes.length === 0) return nothing;
  const { shown, rest } = largest(changes, level.rows);
  const rows = shown.map((change): Row => {
    const style = styleOf(change.kind);
    return {
      id: change.id,
      style: style === 'add' || style === 'remove' ? style : 'change',
      cells: [
        changeCell(change, withSid, level),
        devicesCell(change.devices, level),
        phraseHtml(reasonPhrase(change), level.name),
        declaredCell(change, level),
      ],
    };
  });
  return section(`${title}: ${grouped(changes.length)}`, title, changeColumns, rows, leftOut(rest, 'kind'));
}

function changeCell(change: PlannedChange, withSid: WithSid, level: HtmlLevel): Html {
  const { consequence } = change;
  const created = phraseHtml(creationPhrase(change, false), level.name);
  const below = [
    ...(created.markup === '' ? [] : [html`<div class="below">${created}</div>`]),
    ...(consequence === null ? [] : [html`<div class="consequence">! ${sentence(consequence, level.name)}</div>`]),
  ];
  const phrase = phraseHtml(changePhrase(change, withSid), level.name);
  return html`<span class="sign">${signOf(change.kind)}</span> ${phrase}${below}`;
}

function declaredCell({ policy, source }: Pick<PlannedChange, 'policy' | 'source'>, level: HtmlLevel): Html {
  return html`${name(policy, level.name)}<div class="below">${name(place(source), level.name)}</div>`;
}

/** So few that they stand in the row. */
const fewDevices = 3;

export function devicesCell(devices: readonly string[], level: HtmlLevel): Html {
  if (devices.length === 0) return nothing;
  const named = devices.slice(0, level.devices);
  if (named.length === 0) return html`${grouped(devices.length)}`;
  if (devices.length <= fewDevices && named.length === devices.length) {
    return joined(
      named.map((device) => name(device, level.name)),
      ', ',
    );
  }
  const more = devices.length - named.length;
  const left = more === 0 ? nothing : html`<div class="below">and ${grouped(more)} more</div>`;
  const names = html`<div class="names">${nameLines(named, level.name)}</div>`;
  return html`<details><summary>${counted(devices.length, 'device')}</summary>${names}${left}</details>`;
}

const heldColumns: readonly Column[] = [
  { text: 'Guard' },
  { text: 'Devices' },
  { text: 'Why' },
  { text: 'To release' },
  { text: 'Declared by' },
];

export function heldSection(plan: Plan, withSid: WithSid, level: HtmlLevel): Html {
  const holds = guardsOf(plan).flatMap((one) => one.holds);
  if (holds.length === 0) return nothing;
  const { shown, rest } = largest(holds, level.rows);
  const rows = shown.map((hold): Row => {
    const { guard, devices, release } = hold;
    return {
      id: null,
      style: null,
      cells: [
        html`<code>${guard}</code>`,
        devicesCell(devices, level),
        whyCell(hold, withSid, level),
        release === null ? html`<span class="quiet">nothing does</span>` : sentence(release, level.name),
        holderCell(hold, level),
      ],
    };
  });
  const title = `Held back: ${grouped(plan.summary.held)}`;
  return section(title, 'Held back', heldColumns, rows, leftOut(rest, 'guard'));
}

function whyCell(hold: HeldChange, withSid: WithSid, level: HtmlLevel): Html {
  const deed = holdPhrase({ ...hold, message: '' }, withSid).slice(0, -1);
  return html`${phraseHtml(deed, level.name)}${sentence(hold.message, level.name)}`;
}

function holderCell({ policy, source }: HeldChange, level: HtmlLevel): Html {
  return policy === null || source === null ? nothing : declaredCell({ policy, source }, level);
}

const actionColumns: readonly Column[] = [
  { text: 'Action' },
  { text: 'Devices', align: 'right' },
  { text: 'Stages' },
  { text: 'Carries' },
];

const mostLinks = 5;

/** `title` tells their number and the lower bound. */
export function actionSection({ actions, changes }: Plan, title: string, withSid: WithSid, level: HtmlLevel): Html {
  if (actions.length === 0) return nothing;
  const changeOf = new Map(changes.map((change) => [change.id, change]));
  const { shown, rest } = largest(actions, level.rows);
  const rows = shown.map((action): Row => {
    const { key, devices, stages } = action;
    return {
      id: null,
      style: null,
      cells: [
        html`<code>${key}</code>${afterLine(action)}`,
        html`${grouped(devices.length)}`,
        html`${stages.join(' → ')}`,
        carriesCell(
          action.changes.flatMap((id) => changeOf.get(id) ?? []),
          withSid,
          level,
        ),
      ],
    };
  });
  const left = rest.length === 0 ? nothing : html`<p>And ${counted(rest.length, 'more action')}.</p>`;
  return section(title, 'Actions', actionColumns, rows, left);
}

function afterLine({ after }: PlannedAction): Html {
  const [first, ...others] = after;
  if (first === undefined) return nothing;
  const more = others.length === 0 ? nothing : html` and ${grouped(others.length)} more`;
  return html`<div class="below">after <code>${first}</code>${more}</div>`;
}

function carriesCell(changes: readonly PlannedChange[], withSid: WithSid, level: HtmlLevel): Html {
  const links = changes.slice(0, mostLinks).map((change) => {
    const phrase = phraseHtml(changePhrase(change, withSid), level.name);
    return html`<div><a href="#${change.id}">${signOf(change.kind)} ${phrase}</a></div>`;
  });
  const more = changes.length - links.length;
  return html`${links}${more === 0 ? nothing : html`<div class="below">and ${grouped(more)} more</div>`}`;
}

/** What is left out, counted by kind or by guard: there are only so many of them. */
function leftOut<By extends 'kind' | 'guard'>(
  left: readonly ({ readonly devices: readonly string[] } & { readonly [key in By]: string })[],
  by: By,
): Html {
  if (left.length === 0) return nothing;
  const devices = new Set(left.flatMap((one) => one.devices)).size;
  const counts = tally(left, (one) => one[by]).map(([key, count]) => html`<code>${key}</code> ${grouped(count)}`);
  return html`<p>Not listed: ${grouped(left.length)}, on ${counted(devices, 'device')}: ${joined(counts, ' · ')}</p>
`;
}

function section(title: string, caption: string, columns: readonly Column[], rows: readonly Row[], left: Html): Html {
  const body = rows.length === 0 ? nothing : table(caption, columns, rows);
  return html`<section>
<h2>${title}</h2>
${body}${left}</section>
`;
}
