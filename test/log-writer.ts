/** One of several processes that write to the same logs: `log-writer.ts FOLDER NAME LINES MAXBYTES ARCHIVES`. */
import { openLogs } from '../src/log.ts';

const [folder = '', name = '', lines = '0', maxBytes = '0', archives = '0'] = process.argv.slice(2);
const logs = openLogs(folder, { maxBytes: Number(maxBytes), archives: Number(archives) });
for (let number = 0; number < Number(lines); number += 1) logs.scan.info({ name, number }, 'a line of some length');
logs.close();
