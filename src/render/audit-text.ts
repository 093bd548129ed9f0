/** The audit chain as a person reads it: one line a record, and what was done in words. */
import type { AuditRecord } from '../model/audit.ts';
import type { PlanValue } from '../model/plan.ts';
import { columns, type Row } from './columns.ts';
import { foreign, type Phrase, phraseText } from './phrase.ts';
import { pageOf, type View } from './view.ts';
import { counted, grouped, minute } from './words.ts';

/** `earlier`: records before the first of these. */
export function auditText(records: readonly AuditRecord[], earlier: number, view: View): string {
  if (records.length + earlier === 0) return 'Nothing was done yet.\n';
  const page = pageOf(view);
  const rows = records.map(
    (record): Row => ({
      lead: leadOf(record),
      cells: [
        { text: String(record.number), align: 'right', style: 'dim' },
        { text: minute(record.at) },
        { text: phraseText([foreign(record.by)], page.devices) },
        { text: phraseText(deed(record), page.devices) },
        { text: record.commit === null ? '' : record.commit.slice(0, 7), style: 'dim' },
      ],
    }),
  );
  const before = earlier === 0 ? [] : [`  ${counted(earlier, 'earlier record')}`];
  return `${[...before, ...columns(rows, 3, page).flat()].join('\n')}\n`;
}

const standingOut: ReadonlySet<AuditRecord['kind']> = new Set(['allowance', 'approval', 'reveal', 'export']);

/** What somebody takes upon themselves stands out. */
function leadOf({ kind }: AuditRecord): Row['lead'] {
  return standingOut.has(kind) ? { text: '!', style: 'error' } : { text: '·', style: 'dim' };
}

function deed({ kind, run, provider, detail }: AuditRecord): Phrase {
  const of: Phrase = [' in run ', foreign(run), ' of ', foreign(provider)];
  switch (kind) {
    case 'apply':
      return [`applies plan ${text(detail['plan']).slice(0, 8)}, ${amounts(detail, ['change', 'action'])}`, ...of];
    case 'allowance':
      return [
        `sets ${text(detail['guard'])} aside on `,
        foreign(text(detail['device'])),
        ': ',
        foreign(text(detail['reason'])),
        ...of,
      ];
    case 'approval':
      return ['releases wave ', foreign(text(detail['name']) || numbers(detail, ['wave'])), ...of];
    case 'outcome': {
      const gate = text(detail['gate']);
      const stopped: Phrase = gate === '' ? [] : [', stopped by the gate of ', foreign(gate)];
      const refused: Phrase = typeof detail['stopped'] === 'string' ? [', stopped by ', text(detail['stopped'])] : [];
      return [`ended: ${numbers(detail, ['ok', 'failed', 'pending', 'held'])}`, ...stopped, ...refused, ...of];
    }
    case 'attribution':
      return [`asks who made what: ${amounts(detail, ['device', 'difference'])}`, ...of];
    case 'reveal': {
      const which = detail['state'] === 'current' ? '' : `${text(detail['state'])} `;
      const whose: Phrase = [foreign(text(detail['account'])), ' on ', foreign(text(detail['device']))];
      return [`reads the ${which}password of `, ...whose, ': ', foreign(text(detail['reason']))];
    }
    case 'export':
      return [`exports ${amounts(detail, ['password'])}, sealed to ${text(detail['recipient'])}`, ...becauseOf(detail)];
    case 'key':
      return [`seals everything under the key ${text(detail['key'])}`];
    case 'backup':
      return [`makes a backup of store and keys, sealed to ${text(detail['recipient'])}`];
    case 'trial':
      return ['tries out changes on ', foreign(text(detail['device'])), ', with an account of its own', ...of];
    case 'restore':
      return [`restores store and keys as of ${minute(text(detail['madeAt']))}`];
  }
}

function becauseOf(detail: AuditRecord['detail']): Phrase {
  const reason = text(detail['reason']);
  return reason === '' ? [] : [': ', foreign(reason)];
}

function numbers(detail: AuditRecord['detail'], names: readonly string[]): string {
  return names
    .flatMap((name) => (typeof detail[name] === 'number' ? [`${grouped(detail[name])} ${name}`] : []))
    .join(', ');
}

/** Of what the detail has in the plural: `1 change, 2 actions`. */
function amounts(detail: AuditRecord['detail'], names: readonly string[]): string {
  return names
    .flatMap((name) => {
      const amount = detail[`${name}s`];
      return typeof amount === 'number' ? [counted(amount, name)] : [];
    })
    .join(', ');
}

function text(value: PlanValue | undefined): string {
  return typeof value === 'string' ? value : '';
}
