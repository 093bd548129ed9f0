/** Command lines that cannot be meant: each says which option is at fault, and what it takes. */
import { describe, expect, it } from 'vitest';
import { main } from '../../src/commands/main.ts';
import { inFolder } from '../desired/repository.ts';
import { recordingIo } from './io.ts';

async function refused(words: readonly string[]): Promise<string> {
  return inFolder({}, async (cwd) => {
    const { io, said } = recordingIo({ cwd });
    expect(await main(words, io)).toBe(1);
    expect(said.err).toContain('TRUEUP_USAGE');
    return said.err.replaceAll(/\s+/g, ' ');
  });
}

describe('a value of an option', () => {
  it.each([
    ['simulate --port x', "'--port <number>' argument 'x' is invalid. It is not a whole number."],
    ['simulate --port 70000', '--port is a whole number from 0 to 65535, not 70000.'],
    ['simulate --drift 2', "'--drift <share>' argument '2' is invalid. It is not a share from 0 to 1."],
    ['apply --wait soon', "'--wait <seconds>' argument 'soon' is invalid. It is not a whole number."],
    ['plan --only nobody', '--only takes policy=NAME or device=NAME, not "nobody".'],
    [
      'plan --format xml',
      "'--format <format>' argument 'xml' is invalid. Allowed choices are text, json, markdown, html.",
    ],
    ['reconcile --every 5', '--every takes a duration such as 30s, 5m or 6h, not "5".'],
    ['reconcile --cron often', 'space separated parts are required. cause'],
    ['reconcile --once --every 5m', '--every, --cron and --once exclude each other.'],
    ['apply plan.json --only device=SRV-1', 'A saved plan is applied as it is: --only does not go with it.'],
    ['apply plan.json --allow freeze=A --reason x', 'A saved plan is applied as it is: --allow does not go with it.'],
    ['apply --max-age 1h', '--max-age and --verify-key are for a saved plan, and no file is given.'],
    ['drift --yes', '--yes is for --attribute: nothing else of `trueup drift` does anything.'],
    ['plan --allow freeze=SRV-1', 'A guard is set aside with a reason only: --reason is missing.'],
    ['plan --reason x', '--reason says why a guard is set aside, and no --allow names one.'],
    ['plan --allow freeze --reason x', '--allow takes GUARD=DEVICE, not "freeze".'],
    [
      'plan --allow all=SRV-1 --reason x',
      'There is no guard "all"; --allow knows excluded, protect-disabled, last-admin,',
    ],
  ])('that is none is named with its option: %s', async (line, message) => {
    expect(await refused(line.split(' '))).toContain(message);
  });
});

it.each([
  ['pan', "Unknown command 'pan' (Did you mean plan?)"],
  ['plan --devces', "Unknown option '--devces' (Did you mean --devices?)"],
  ['plan extra', "Too many arguments for 'plan'."],
])('a slip of the pen is told, with what is near: %s', async (line, message) => {
  expect(await refused(line.split(' '))).toContain(message);
});
