/** When the next cycle begins. */
import { Cron } from 'croner';
import { messageOf, TrueupError } from '../errors.ts';
import { secondsOf } from '../model/duration.ts';

/** The begin of the cycle after one that began at `began`, seen from `now`; never before `now`, so cycles never overlap. */
export type Schedule = (began: Date, now: Date) => Date | null;

const longestSeconds = 31 * 86_400;

/** `30s`, `5m`, `6h`, `1d`. Throws TRUEUP_USAGE. */
export function everySchedule(text: string): Schedule {
  const seconds = /^[1-9]\d{0,6}[smhd]$/.test(text.trim()) ? secondsOf(text.trim()) : Number.NaN;
  if (Number.isNaN(seconds) || seconds > longestSeconds) {
    throw new TrueupError(
      'TRUEUP_USAGE',
      `--every takes a duration such as 30s, 5m or 6h, not ${JSON.stringify(text)}.`,
    );
  }
  // Never further from now than that: the clock may have been set back since the begin.
  return (began, now) => new Date(Math.max(Math.min(began.getTime(), now.getTime()) + seconds * 1000, now.getTime()));
}

/** A cron expression of five or six fields, in the time zone of this machine. Throws TRUEUP_USAGE. */
export function cronSchedule(expression: string): Schedule {
  let cron: Cron;
  try {
    cron = new Cron(expression, { paused: true });
  } catch (origin) {
    const why = messageOf(origin).replace(/\.+$/, '');
    throw new TrueupError('TRUEUP_USAGE', `--cron ${JSON.stringify(expression)} is not a cron expression: ${why}.`, {
      origin,
    });
  }
  if (cron.nextRun() === null) {
    throw new TrueupError('TRUEUP_USAGE', `--cron ${JSON.stringify(expression)} names no time that is yet to come.`);
  }
  return (_, now) => cron.nextRun(now);
}
