/** The plan as a person reads it (1-product.md). Equal plans give equal bytes. */
import type { Plan } from '../model/plan.ts';
import { ambiguousNames } from './change-phrase.ts';
import { paragraph } from './columns.ts';
import { plain } from './escape.ts';
import { blocksOf, blockTexts } from './plan-blocks.ts';
import { heldText, notActedOnText, pendingText, warningsText } from './plan-held.ts';
import { budgetWords, effortWords, scanWords, scopeWords, verdict } from './plan-words.ts';
import { type Page, pageOf, type View } from './view.ts';
import { wrap } from './width.ts';

export function planText(plan: Plan, view: View): string {
  const page = pageOf(view);
  const withSid = ambiguousNames([...plan.changes, ...plan.held].map(({ subject }) => subject));
  const sections = [
    headText(plan, page),
    ...blockTexts(blocksOf(plan), withSid, page),
    heldText(plan, withSid, page),
    pendingText(plan.pending, 'an earlier action', page),
    notActedOnText(plan.notActedOn, page),
    warningsText(plan.warnings, page),
    closingText(plan, page),
    wrap(verdict(plan), page.width).map((line) => page.paint('strong', line)),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

/** Carries every input that can change the plan. */
function headText({ digest, config, scan }: Plan, page: Page): string[] {
  const parts = [`plan ${digest.slice(0, 8)}`, `config ${config.slice(0, 7)}`, ...scanWords(scan)];
  const lines: string[] = [];
  let line = '';
  for (const part of parts.map(plain)) {
    const longer = line === '' ? part : `${line}   ${part}`;
    if (line !== '' && longer.length > page.width) {
      lines.push(line);
      line = part;
    } else line = longer;
  }
  return [...lines, line];
}

function closingText(plan: Plan, page: Page): string[] {
  const effort = effortWords(plan);
  const scope = scopeWords(plan.scan);
  const budgets = budgetWords(plan);
  const lines: string[] = [];
  if (effort !== null) lines.push(...wrap(effort, page.width));
  if (scope !== null) lines.push(...paragraph({ text: 'scope: ' }, scope, page));
  if (budgets.length > 0) {
    const words = budgets.map(({ text, over }) => (over ? page.paint('error', `${text} (over)`) : text));
    lines.push(`budget: ${words.join(' · ')}`);
  }
  if (plan.refusal !== null)
    lines.push(...paragraph({ text: 'refused: ' }, plain(plan.refusal.message), page, 'error'));
  return lines;
}
