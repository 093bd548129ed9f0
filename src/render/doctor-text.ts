/** A diagnosis as a person reads it on a terminal: every check with its sign, and below it what to do. */
import type { CheckStatus, DoctorReport } from '../model/doctor.ts';
import { type Cell, columns, paragraph, type Row } from './columns.ts';
import { doctorVerdict, partsOf } from './doctor-words.ts';
import { plain } from './escape.ts';
import { type Page, pageOf, sections, type View } from './view.ts';

const leads: Readonly<Record<CheckStatus, Cell>> = {
  ok: { text: '✓', style: 'add' },
  info: { text: '·', style: 'dim' },
  warn: { text: '!', style: 'change' },
  fail: { text: '✗', style: 'error' },
  skipped: { text: '-', style: 'dim' },
};

/** Where a remedy begins: below the sentence that it is for. */
const remedyLabel = '      → ';

export function doctorText(report: DoctorReport, view: View): string {
  const page = pageOf(view);
  return sections([
    ...partsOf(report).map(({ title, checks }) => {
      const lines = columns(checks.map(rowOf), 1, page);
      return [
        page.paint('strong', title),
        ...checks.flatMap((check, index) => [...(lines[index] ?? []), ...remedyOf(check, page)]),
      ];
    }),
    // One line however long: scripts read the last one.
    [page.paint('strong', plain(doctorVerdict(report)))],
  ]);
}

function rowOf({ id, status, message }: DoctorReport['checks'][number]): Row {
  const quiet = status === 'skipped' ? ({ style: 'dim' } as const) : {};
  return {
    lead: leads[status],
    cells: [
      { text: plain(id), ...quiet },
      { text: plain(message), ...quiet },
    ],
  };
}

/** Of what is well, nobody wants to know what else could be done. */
function remedyOf({ status, remedy }: DoctorReport['checks'][number], page: Page): string[] {
  if (remedy === null || status === 'ok') return [];
  return paragraph({ text: remedyLabel, style: 'dim' }, plain(remedy), page, 'dim');
}
