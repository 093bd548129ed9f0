import type { TrueupError } from '../errors.ts';
import { type Cell, paragraph } from './columns.ts';
import { plain } from './escape.ts';
import { jsonText } from './json.ts';
import { pageOf, type View } from './view.ts';

/** What happened, where, the likely cause, the remedy, and the code to search for. */
export function errorText(error: TrueupError, view: Pick<View, 'color' | 'columns'>): string {
  const page = pageOf({ ...view, devices: false });
  const { message, source, likelyCause, remedy, code } = error;
  const lines = paragraph({ text: 'error: ', style: 'error' }, plain(message), page, 'strong');
  if (source !== null) lines.push(...paragraph(label('at'), plain(source), page));
  lines.push(...paragraph(label('cause'), plain(likelyCause), page));
  lines.push(...paragraph(label('remedy'), plain(remedy), page));
  lines.push(...paragraph(label('code'), code, page));
  return `${lines.join('\n')}\n`;
}

function label(name: string): Cell {
  return { text: `  ${name.padEnd(8)}`, style: 'dim' };
}

const keys = ['error', 'code', 'message', 'source', 'cause', 'remedy', 'exit'];

/** `{error: {code, message, source, cause, remedy, exit}}`; never the error below, which may hold a secret. */
export function errorJson({ code, message, source, likelyCause, remedy, exitCode }: TrueupError): string {
  return jsonText({ error: { code, message, source, cause: likelyCause, remedy, exit: exitCode } }, keys);
}
