/** From the body of `POST /questions` to a question; what cannot be asked becomes another question, without an error. */
import type { Cloud } from '../cloud.ts';
import { type BoundQuestion, bindQuestion, type Select, UnknownName } from '../content/bind.ts';
import type { Filter } from '../content/filter.ts';
import { filterFromText, type Group } from '../content/groups.ts';
import { filterFromWire, termFromWire, testFromWire } from '../content/wire-filter.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, isRecord, listIn, numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { parseQuestion } from '../language/parse.ts';
import { QuestionSyntaxError } from '../language/syntax.ts';
import { defaultExpireSeconds, type NewQuestion, numberOfMachines } from './questions.ts';

/**
 * `query_text` counts only where it stands alone. Without it, with a sensor that the server does not have, and where
 * there is no `selects`, the server silently asks for the number of machines (tanium-api.md 3). @throws Refusal
 */
export function questionFrom(cloud: Cloud, body: Wire, userId: number): NewQuestion {
  const text = textIn(body, 'query_text');
  const alone = text !== null && Object.keys(body).length === 1;
  const group = alone ? null : existingGroup(cloud, body, 'group');
  const bound = alone ? fromText(cloud, text) : fromObject(cloud, body, group);
  return {
    bound,
    group,
    contextGroup: alone ? null : existingGroup(cloud, body, 'context_group'),
    expireSeconds: (alone ? null : numberIn(body, 'expire_seconds')) ?? defaultExpireSeconds,
    userId,
    savedQuestionId: 0,
  };
}

function fromText(cloud: Cloud, text: string): BoundQuestion {
  try {
    return bindQuestion(cloud, parseQuestion(text), false);
  } catch (error) {
    if (error instanceof QuestionSyntaxError || error instanceof UnknownName) return numberOfMachines;
    throw error;
  }
}

/** Of a question object without its group, which may be one that exists. */
export function fromObject(cloud: Cloud, body: Wire, group: Group | null): BoundQuestion {
  const filter = group === null ? inlineFilter(cloud, body) : ({ kind: 'group', negated: false, group } as const);
  try {
    const selects = listIn(body, 'selects').filter(isRecord);
    return {
      selects: selects.map((select): Select => {
        const wanted = recordIn(select, 'filter');
        const test = wanted !== null && (textIn(wanted, 'value') ?? '') !== '' ? testFromWire(wanted) : null;
        const term = termFromWire(cloud, recordIn(select, 'sensor') ?? {});
        // As `?maxAge=` in a text (PyTan's option max_data_age); it needs no value to compare with.
        const age = wanted === null ? null : numberIn(wanted, 'max_age_seconds');
        return { term: { ...term, maxAgeSeconds: age === 0 ? null : age }, test };
      }),
      filter,
      forceComputerId: flagIn(body, 'force_computer_id_flag') ?? false,
    };
  } catch (error) {
    if (error instanceof UnknownName) return numberOfMachines;
    throw error;
  }
}

function inlineFilter(cloud: Cloud, body: Wire): Filter | null {
  const group = recordIn(body, 'group');
  return group === null ? null : inlineGroup(cloud, group);
}

/** `{text}`, or filters and sub-groups. @throws Refusal */
export function inlineGroup(cloud: Cloud, group: Wire): Filter | null {
  const text = textIn(group, 'text')?.trim() ?? '';
  if (text !== '' && listIn(group, 'filters').length + listIn(group, 'sub_groups').length === 0) {
    return filterFromText(cloud, text);
  }
  try {
    return filterFromWire(cloud, group);
  } catch (error) {
    if (error instanceof UnknownName) throw new Refusal('SensorNotFound', error.message);
    throw error;
  }
}

/** The group that `{id}` or `{name}` says; null: none is said. @throws Refusal GroupNotFound */
export function existingGroup(cloud: Cloud, body: Wire, key: string): Group | null {
  const wire = recordIn(body, key);
  if (wire === null) return null;
  const found = cloud.groups.reference(wire);
  const refers = (numberIn(wire, 'id') ?? 0) > 0 || ((textIn(wire, 'name') ?? '') !== '' && isBare(wire));
  if (refers && (found === undefined || found.deleted)) throw new Refusal('GroupNotFound');
  return found ?? null;
}

function isBare(wire: Wire): boolean {
  return textIn(wire, 'text') === null && listIn(wire, 'filters').length + listIn(wire, 'sub_groups').length === 0;
}
