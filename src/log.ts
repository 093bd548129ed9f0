/** The log files of --log-dir, under the names that NPS-D gives them (#142): JSON lines, one stream per file. */
import { join } from 'node:path';
import { type DestinationStream, type Logger, pino } from 'pino';
import { messageOf, TrueupError } from './errors.ts';
import { type LogFile, npsdTurning, openLogFile, type Turning } from './log-file.ts';
import { visibleJson } from './model/visible-json.ts';

export interface Logs {
  /** `svc_scan.log`: cycles, scans, plans, what was applied. */
  readonly scan: Logger;
  /** `bulk_scan.log`: bulk scans alone. */
  readonly bulk: Logger;
  /** `tanium_api.log`: one line per request; no header, no body. */
  readonly api: Logger;
  readonly close: () => void;
}

/** Keys whose values are secrets wherever they stand: a second line of defence behind not logging them (#143, #183). */
const secretKeys = [
  'session',
  'token',
  'token_string',
  'apiKey',
  'api_key',
  'password',
  'authorization',
  'proxy-authorization',
  'EncryptedPassword',
  'encodedCommand',
];

const paths = secretKeys.flatMap((key) => {
  const step = /^\w+$/.test(key) ? key : `["${key}"]`;
  const below = step.startsWith('[') ? step : `.${step}`;
  return [step, `*${below}`, `*.*${below}`];
});

/** `directory` null: nothing is logged; files are turned over as NPS-D's. @throws TRUEUP_USAGE where the folder cannot be written */
export function openLogs(directory: string | null, turning: Turning = npsdTurning): Logs {
  if (directory === null) {
    const silent = pino({ enabled: false });
    return { scan: silent, bulk: silent, api: silent, close: () => {} };
  }
  const files: LogFile[] = [];
  const open = (name: string): Logger => {
    const file = openFile(join(directory, name), turning);
    files.push(file);
    // Names come from devices, and somebody reads the log in a terminal.
    return loggerTo({ write: (line) => file.write(visibleJson(line)) });
  };
  return {
    scan: open('svc_scan.log'),
    bulk: open('bulk_scan.log'),
    api: open('tanium_api.log'),
    close: () => {
      for (const file of files) file.close();
    },
  };
}

function loggerTo(stream: DestinationStream): Logger {
  return pino(
    {
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[secret]' },
    },
    stream,
  );
}

function openFile(path: string, turning: Turning): LogFile {
  try {
    return openLogFile(path, turning);
  } catch (origin) {
    const why = messageOf(origin);
    throw new TrueupError('TRUEUP_USAGE', `The log ${path} cannot be written: ${why}.`, {
      cause: 'The folder of --log-dir does not exist and cannot be made, or may not be written.',
      remedy: 'Name another folder with --log-dir or TRUEUP_LOG_DIR.',
      origin,
    });
  }
}
