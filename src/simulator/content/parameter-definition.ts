/** `parameter_definition` of sensors and packages: a JSON text inside the JSON (tanium-api.md 6). */
import { isRecord, listIn, textIn } from '../http/fields.ts';

export interface Parameter {
  readonly key: string;
  readonly label: string;
}

/** In their order; empty where the text is none. */
export function parametersIn(definition: string): readonly Parameter[] {
  let value: unknown;
  try {
    value = JSON.parse(definition);
  } catch {
    return []; // Tanium takes any text here and only its console reads it.
  }
  if (!isRecord(value)) return [];
  return listIn(value, 'parameters')
    .filter(isRecord)
    .map((parameter) => {
      const key = textIn(parameter, 'key') ?? '';
      return { key, label: textIn(parameter, 'label') ?? key };
    });
}
