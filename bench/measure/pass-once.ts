/** From the pages of a scan to the plan, as `trueup plan` does it with an empty store: `pass-once.ts URL CONFIG`. */
import { setFlagsFromString } from 'node:v8';
import { survey, wholeLook } from '../../src/apply/survey.ts';
import { systemClock } from '../../src/commands/system.ts';
import { readDesired } from '../../src/desired/read.ts';
import { openStore } from '../../src/store/open.ts';
import { connectTanium } from '../../src/tanium/connect.ts';
import { passes } from './pass-result.ts';

// As bin/trueup does.
setFlagsFromString('--semi-space-growth-factor=1');

const [url = '', config = ''] = process.argv.slice(2);
const now = new Date().toISOString();
const { desired, errors } = await readDesired({ paths: [config], cwd: process.cwd(), now });
const provider = desired?.providers[0];
if (desired === null || provider === undefined) throw new Error(`${config}: ${errors.length} errors`);

const { provider: name, fields } = provider;
const store = await openStore('sqlite:/nonexistent/state.db', { provider: name, fields, mode: 'read' });
const tanium = connectTanium({ baseUrl: url, token: 'token-bench', proxy: null, caFile: null, clock: systemClock });
const context = {
  desired,
  provider,
  labels: new Map(),
  store,
  scanner: tanium.scanner,
  clock: systemClock,
  signal: new AbortController().signal,
  tell: () => {},
};

await passes(async () => {
  const { plan, observation } = await survey(context, { ...wholeLook, fresh: true });
  const { devices, texts } = observation;
  return { devices: devices.length, texts: texts.length, actions: plan.actions.length, digest: plan.digest };
});
await tanium.close();
await store.close();
