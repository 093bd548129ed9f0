import type { DesiredProvider } from '../model/desired.ts';
import { defaultOptions, type IntegrationOptions, type OptionName, type OptionValue } from '../model/options.ts';
import type { Recorded } from '../model/recorded.ts';

/**
 * The options that a run works with: what is declared, else what the provider row says, else the default. The row's
 * value of a wrong type does not count: NPS-D's own default would hold there too.
 */
export function effectiveOptions(
  provider: Pick<DesiredProvider, 'options'>,
  recorded: Pick<Recorded, 'providers'>,
): IntegrationOptions {
  const row = recorded.providers.length === 1 ? (recorded.providers[0]?.options ?? {}) : {};
  const options: Record<string, OptionValue> = { ...defaultOptions };
  for (const name of Object.keys(defaultOptions) as OptionName[]) {
    const value = provider.options[name] ?? (Object.hasOwn(row, name) ? row[name] : undefined);
    if (typeof value === typeof defaultOptions[name] && value !== undefined) options[name] = value;
  }
  return options as unknown as IntegrationOptions;
}
