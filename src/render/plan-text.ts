/** The plan as a person reads it (1-product.md). Equal plans give equal bytes. */
import type { Plan } from '../model/plan.ts';
import { ambiguousNames } from './change-phrase.ts';
import { type Cell, flow, paragraph } from './columns.ts';
import { plain } from './escape.ts';
import { phraseText } from './phrase.ts';
import { blocksOf, blockTexts, fewChanges } from './plan-blocks.ts';
import { fewHolds, heldText, notActedOnText, pendingText, warningsText } from './plan-held.ts';
import { budgetWords, effortWords, onlyPhrase, scanWords, scopeWords, verdict, wavesPhrase } from './plan-words.ts';
import { type Page, pageOf, sections, type View } from './view.ts';
import { wrap } from './width.ts';

export function planText(plan: Plan, view: View): string {
  const page = pageOf(view);
  const withSid = ambiguousNames([...plan.changes, ...plan.held].map(({ subject }) => subject));
  return sections([
    headText(plan, page),
    ...blockTexts(blocksOf(plan), withSid, page),
    heldText(plan, withSid, page),
    pendingText(plan.pending, 'an earlier action', page),
    notActedOnText(plan.notActedOn, page),
    warningsText(plan.warnings, page),
    closingText(plan, page),
    // One line however long: scripts read the last one.
    [page.paint('strong', verdict(plan))],
  ]);
}

/** Carries every input that can change the plan. */
function headText(plan: Plan, page: Page): string[] {
  const { digest, config, scan } = plan;
  const narrow = onlyPhrase(plan);
  const parts = [
    `plan ${digest.slice(0, 8)}`,
    `config ${config.slice(0, 7)}`,
    ...(narrow === null ? [] : [phraseText(narrow, page.devices)]),
    ...scanWords(scan),
  ];
  return flow(
    parts.map((text) => ({ text: plain(text) })),
    '',
    '   ',
    page,
  );
}

function closingText(plan: Plan, page: Page): string[] {
  const effort = effortWords(plan);
  const waves = wavesPhrase(plan);
  const scope = scopeWords(plan.scan);
  const budgets = budgetWords(plan).map(({ text, over }): Cell => {
    return over ? { text: `${text} (over)`, style: 'error' } : { text };
  });
  const summedUp = !page.devices && (plan.changes.length > fewChanges || plan.held.length > fewHolds);
  return [
    ...(summedUp ? [page.paint('dim', 'summed up: --devices shows every change and every device')] : []),
    ...(effort === null ? [] : wrap(effort, page.width)),
    ...(waves === null ? [] : paragraph({ text: 'waves: ' }, phraseText(waves, page.devices), page)),
    ...(scope === null ? [] : paragraph({ text: 'scope: ' }, scope, page)),
    ...flow(budgets, 'budget: ', ' · ', page),
    ...(plan.refusal === null ? [] : paragraph({ text: 'refused: ' }, plain(plan.refusal.message), page, 'error')),
  ];
}
