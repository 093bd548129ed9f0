/**
 * The plan as one page for a browser. What takes something away and what is held back come first; a plan of any size
 * makes a page of at most `longestPage` characters, which says what it leaves out.
 */
import { isOver, type Plan } from '../model/plan.ts';
import { ambiguousNames, takesAway } from './change-phrase.ts';
import { couldFit, fitting } from './fitting.ts';
import { type Html, html, joined, name, nothing, phraseHtml, sentence } from './html.ts';
import { longestPage, page } from './html-page.ts';
import { blocksOf } from './plan-blocks.ts';
import { fieldText } from './plan-held.ts';
import { actionSection, changeSection, devicesCell, type HtmlLevel, heldSection } from './plan-html-changes.ts';
import { budgetWords, effortWords, onlyPhrase, scanWords, scopeWords, verdict, wavesPhrase } from './plan-words.ts';
import { counted, place } from './words.ts';

const all = Number.POSITIVE_INFINITY;
const noNames = 'some names of devices';
const noRows = 'names of devices, and the changes that are only counted by kind';

/** The last has no rows at all, and so an end. */
const levels: readonly HtmlLevel[] = [
  { devices: all, rows: all, name: 400, without: null },
  { devices: 2000, rows: all, name: 200, without: noNames },
  { devices: 200, rows: all, name: 200, without: noNames },
  { devices: 20, rows: all, name: 200, without: noNames },
  { devices: 0, rows: 5000, name: 200, without: noRows },
  { devices: 0, rows: 1000, name: 100, without: noRows },
  { devices: 0, rows: 100, name: 60, without: noRows },
  { devices: 0, rows: 0, name: 60, without: noRows },
];

/** A letter and a line feed; the tags of a row. */
const shortest = { name: 2, row: 200 };

/** Cells of a sentence above the tables. */
const longestSentence = 400;

export function planHtml(plan: Plan): string {
  const withSid = ambiguousNames([...plan.changes, ...plan.held].map(({ subject }) => subject));
  const changes = blocksOf(plan).flatMap((block) => block.changes);
  const grave = changes.filter(takesAway);
  const consequent = changes.filter((change) => !takesAway(change) && change.consequence !== null);
  const others = changes.filter((change) => !takesAway(change) && change.consequence === null);
  const effort = effortWords(plan);
  const listed = [...plan.changes, ...plan.held];
  const worthIt = levels.filter((level) => couldFit(listed, level, shortest, longestPage));
  return fitting(worthIt, longestPage, (level) =>
    page(
      `Trueup plan ${plan.digest.slice(0, 8)}`,
      headOf(plan, effort, level),
      joined(
        [
          changeSection('Removed, deleted, disabled', grave, withSid, level),
          changeSection('With a consequence', consequent, withSid, level),
          heldSection(plan, withSid, level),
          warningSection(plan, level),
          changeSection(grave.length + consequent.length > 0 ? 'Other changes' : 'Changes', others, withSid, level),
          actionSection(plan, effort ?? 'Actions', withSid, level),
          pendingSection(plan, level),
          notActedOnSection(plan, level),
        ],
        '',
      ),
    ),
  );
}

function headOf(plan: Plan, effort: string | null, level: HtmlLevel): Html {
  const { digest, config, provider, scan, refusal } = plan;
  const narrow = onlyPhrase(plan);
  const inputs = [
    html`config <code>${config.slice(0, 7)}</code>`,
    html`provider ${name(provider, level.name)}`,
    ...(narrow === null ? [] : [phraseHtml(narrow, level.name)]),
    ...scanWords(scan).map((words) => html`${words}`),
  ];
  const waves = wavesPhrase(plan);
  const scope = scopeWords(scan);
  return html`<h1>Trueup plan <code>${digest.slice(0, 8)}</code></h1>
<p class="verdict">${verdict(plan)}</p>
<p class="inputs">${joined(inputs, ' · ')}</p>
${refusal === null ? nothing : html`<p class="refusal" role="note">${sentence(refusal.message, longestSentence)}</p>`}
${shortened(level)}
<ul>
${effort === null ? nothing : html`<li>${effort}</li>`}
${waves === null ? nothing : html`<li>waves: ${phraseHtml(waves, level.name)}</li>\n`}${scope === null ? nothing : html`<li>scope: ${scope}</li>`}
${budgetLines(plan, level)}</ul>
`;
}

function budgetLines(plan: Plan, level: HtmlLevel): Html[] {
  const used = plan.budgets.filter((budget) => budget.used > 0);
  const words = budgetWords(plan);
  return used.map((budget, index) => {
    const text = `budget: ${words[index]?.text ?? budget.name}`;
    const by =
      budget.source === null ? nothing : html` <span class="quiet">${name(place(budget.source), level.name)}</span>`;
    return isOver(budget) ? html`<li class="over">${text} (over)${by}</li>` : html`<li>${text}${by}</li>`;
  });
}

function shortened({ without }: HtmlLevel): Html {
  if (without === null) return nothing;
  return html`<p class="note" role="note">Shortened to stay light, without ${without}. The whole plan is in <code>trueup plan
--devices</code> and <code>trueup plan --json</code>; what is not listed here, the filter does not find.</p>`;
}

function warningSection({ warnings }: Plan, level: HtmlLevel): Html {
  const shown = warnings.slice(0, level.rows);
  const lines = shown.map(
    (warning) => html`<li>${sentence(warning, longestSentence)}</li>
`,
  );
  return listSection('Warnings', lines, warnings.length - shown.length);
}

function pendingSection({ pending }: Plan, level: HtmlLevel): Html {
  if (pending.length === 0) return nothing;
  const devices = devicesCell(pending, level);
  return html`<section>
<h2>Pending, since an earlier action is not answered yet</h2>
${devices}</section>
`;
}

function notActedOnSection({ notActedOn }: Plan, level: HtmlLevel): Html {
  const shown = notActedOn.slice(0, level.rows);
  const lines = shown.map(({ kind, policy, source, fields }) => {
    const named = fields.slice(0, 20).map((field) => name(fieldText(field), level.name));
    const more = fields.length - named.length;
    const left = more === 0 ? '' : `, and ${counted(more, 'more field')}`;
    const by = html`${kind} ${name(policy, level.name)} ${name(place(source), level.name)}`;
    return html`<li>${by}: ${joined(named, ', ')}${left}</li>
`;
  });
  const title = 'Not acted on yet: declared and checked, and this version does nothing about it';
  return listSection(title, lines, notActedOn.length - shown.length);
}

function listSection(title: string, lines: readonly Html[], left: number): Html {
  if (lines.length + left === 0) return nothing;
  const more =
    left === 0
      ? nothing
      : html`<li>${counted(left, 'more')} not shown here</li>
`;
  return html`<section>
<h2>${title}</h2>
<ul>
${lines}${more}</ul>
</section>
`;
}
