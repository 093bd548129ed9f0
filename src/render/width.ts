/** Texts as a terminal measures them: in cells, of which a Chinese character takes two and a combining mark none. */

const printableAscii = /^[ -~]*$/;
const invisible = /^[\p{M}\p{Cf}\p{Cc}]+$/u;
/** East Asian Wide and Fullwidth, by script, and what is shown as a picture. */
const wide =
  /^(?:[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Emoji_Presentation}]|[\u3000-\u303E\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6])/u;
const halfwidth = /^[\uFF61-\uFFDC\uFFE8-\uFFEE]/;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

export function cellWidth(text: string): number {
  if (printableAscii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += clusterWidth(segment);
  return width;
}

function clusterWidth(cluster: string): number {
  if (invisible.test(cluster)) return 0;
  return wide.test(cluster) && !halfwidth.test(cluster) ? 2 : 1;
}

/** UTF-16 units of one cell at most, once `plain` has seen the text: a pair, and three marks that are pairs. */
const unitsPerCell = 8;

/** Takes what is too much out of the middle, since names that look alike often differ at their end. */
export function truncate(text: string, width: number): string {
  if (fits(text, width)) return text;
  if (width < 1) return '';
  const tail = Math.floor((width - 1) / 3);
  const head = width - 1 - tail;
  if (printableAscii.test(text)) return `${text.slice(0, head)}…${text.slice(text.length - tail)}`;
  const last = clustersOf(text.slice(-unitsPerCell * (tail + 1))).toReversed();
  return `${fitting(clustersIn(text), head).join('')}…${fitting(last, tail).toReversed().join('')}`;
}

/** Looks no further than it has to: texts may be long. */
function fits(text: string, width: number): boolean {
  if (printableAscii.test(text)) return text.length <= width;
  let left = width;
  for (const cluster of clustersIn(text)) {
    left -= clusterWidth(cluster);
    if (left < 0) return false;
  }
  return true;
}

/** Before a very long text is escaped and truncated: its two ends, more of each than will be shown. */
export function ends(text: string, width: number): string {
  const most = (printableAscii.test(text) ? 1 : unitsPerCell) * Math.max(1, width);
  return text.length <= 2 * most ? text : text.slice(0, most) + text.slice(-most);
}

function clustersOf(text: string): string[] {
  return [...clustersIn(text)];
}

function* clustersIn(text: string): Generator<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

function fitting(clusters: Iterable<string>, width: number): string[] {
  const taken: string[] = [];
  let left = width;
  for (const cluster of clusters) {
    left -= clusterWidth(cluster);
    if (left < 0) break;
    taken.push(cluster);
  }
  return taken;
}

/** Lines of at most `width` cells, broken at blanks, and within a word that is longer than a line. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (cellWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    const pieces = broken(word, width);
    line = pieces.pop() ?? '';
    lines.push(...pieces);
  }
  lines.push(line);
  return lines;
}

function broken(word: string, width: number): string[] {
  if (cellWidth(word) <= width) return [word];
  const pieces: string[] = [];
  let rest = clustersOf(word);
  while (rest.length > 0) {
    const piece = fitting(rest, width);
    // A cluster that is wider than the line still has to go somewhere.
    const count = Math.max(1, piece.length);
    pieces.push(rest.slice(0, count).join(''));
    rest = rest.slice(count);
  }
  return pieces;
}

export function padded(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const blanks = ' '.repeat(Math.max(0, width - cellWidth(text)));
  return align === 'right' ? blanks + text : text + blanks;
}
