/** What the options name is looked for before the first record is written. */
import { expect, it } from 'vitest';
import { apply } from '../../src/apply/apply.ts';
import { wholeLook } from '../../src/apply/survey.ts';
import type { IntegrationOptions } from '../../src/model/options.ts';
import { cloud } from './world.ts';

const wrong: [string, Partial<IntegrationOptions>][] = [
  ['TRUEUP_PACKAGE_NOT_FOUND', { package_name: 'npsd management' }],
  ['TRUEUP_PACKAGE_PARAMETER', { package_param_offset: 1 }],
  ['TRUEUP_ACTION_GROUP_NOT_FOUND', { action_group_name: 'default - all computers' }],
  ['TRUEUP_ACTION_GROUP_EMPTY', { action_group_name: 'Default' }],
];

it.each(wrong)('%s leaves no record behind', async (code, options) => {
  const { context, ask } = await cloud();
  const provider = { ...context.provider, options: { ...context.provider.options, ...options } };
  const run = apply(
    { ...context, provider },
    { kind: 'apply', saved: null, look: wholeLook, confirm: async () => true },
  );
  await expect(run).rejects.toMatchObject({ code });
  expect(await ask('actions')).toEqual([]);
  expect(await context.store.toggle('tanium_cloud')).toMatchObject({ enabled: false });
  expect(await context.store.providers('tanium_cloud')).toEqual([]);
  for await (const computer of context.store.computers()) expect(computer).toBe('not there');
});
