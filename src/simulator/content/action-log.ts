/** What the sensor `Tanium Action Log` shows of the file `Downloads/Action_<id>.log` (tanium-api.md 5). */
import type { Evaluation } from './sensor.ts';

const maxLines = 100;
const cut = 'Max number of lines reached in Action Log Sensor';

export function actionLogStrings({ cloud, parameters, device }: Evaluation): readonly string[] {
  if (device.platform === 'Mac') return ['N/A on Mac'];
  const number = parameters[0] ?? '';
  const lines = /^\d{1,15}$/.test(number) ? cloud.actions.logOn(Number(number), device) : null;
  if (lines === null) return ['File does not exist'];
  // Elsewhere than on Windows it is `tail -n 100`: without numbers, so that order and repeated lines are lost.
  if (device.platform !== 'Windows') return lines.slice(-maxLines);
  const numbered = lines.slice(0, maxLines).map((line, index) => numberedLine(index + 1, line));
  return lines.length > maxLines ? [...numbered, numberedLine(maxLines + 1, cut)] : numbered;
}

function numberedLine(number: number, text: string): string {
  return `${String(number).padStart(3, '0')}|${text}`;
}
