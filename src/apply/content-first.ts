import type { Plan } from '../model/plan.ts';
import { appendAudit, draftsBefore } from './audit.ts';
import { isContent, lookAtContent, writeContent } from './content.ts';
import type { RunContext } from './context.ts';
import type { Survey } from './survey.ts';

/**
 * Makes what a plan says of content, with its audit records before it, and answers the survey with the content as it is
 * then: what the actions go by may be what is made here. The same survey: there was nothing to make.
 */
export async function contentFirst(context: RunContext, run: string, plan: Plan, before: Survey): Promise<Survey> {
  if (!plan.changes.some(isContent)) return before;
  await appendAudit(context, draftsBefore(run, plan));
  await writeContent(context, plan, before.content, before.options);
  return { ...before, content: await lookAtContent(context, before.options, before.recorded.computers.length) };
}
