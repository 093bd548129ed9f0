/** What the sensor `Tanium Action Log` shows of an action's output on one device. */

export const actionLogSensor = 'Tanium Action Log';

const numbered = /^(\d{3,})\|(.*)$/s;
const cut = 'Max number of lines reached in Action Log Sensor';

/**
 * The lines in the order of the file. On Windows each string is `NNN|text`, and after a hundred of them one more says
 * that there were more (tanium-api.md 5); strings are a set, so their own order means nothing. Elsewhere lines have no
 * numbers and keep the order in which they came.
 */
export function logLines(strings: readonly string[]): readonly string[] {
  const plain: string[] = [];
  const byNumber: (readonly [number, string])[] = [];
  for (const line of strings.flatMap((text) => text.split(/\r?\n/))) {
    const parts = numbered.exec(line);
    if (parts) byNumber.push([Number(parts[1]), parts[2] as string]);
    else if (!isNoLog(line)) plain.push(line);
  }
  byNumber.sort(([a], [b]) => a - b);
  const lines = byNumber.filter(([, text]) => text !== cut).map(([, text]) => text);
  return [...lines, ...plain];
}

/** There is no file, or the sensor itself failed: no line of the action. */
function isNoLog(line: string): boolean {
  return (
    line === '' || line === 'File does not exist' || line === '[no results]' || /^(?:TSE-Error:|N\/A on )/.test(line)
  );
}
