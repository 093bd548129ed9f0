/** `/questions`, `/saved_questions`, `/parse_question`, `/build_question_text`, and their results. */
import type { Cloud } from '../cloud.ts';
import type { Select } from '../content/bind.ts';
import { parametersIn } from '../content/parameter-definition.ts';
import { percentEncoded } from '../content/percent.ts';
import type { SensorTerm } from '../content/sensor.ts';
import { filterToWire, testToWire } from '../content/wire-filter.ts';
import { bodyOf, type Call, data, idIn, json, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { recordIn, textIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import { existingGroup, fromObject, questionFrom } from '../questions/ask.ts';
import { type Candidate, candidatesFor } from '../questions/candidates.ts';
import { type Question, textOf } from '../questions/questions.ts';
import { questionResult } from '../questions/result.ts';
import { resultData, resultInfo } from '../questions/result-json.ts';
import type { SavedQuestion } from '../questions/saved-questions.ts';
import { groupWire } from './group-api.ts';
import { cachedList } from './lists.ts';

export function questionRoutes(cloud: Cloud): readonly Route[] {
  const { questions, savedQuestions } = cloud;

  function found(call: Call): Question {
    const question = questions.byId(idIn(call));
    if (!question) throw new Refusal('QuestionNotFound');
    return question;
  }

  /** As it has been seen on a server: results of an unknown question are an unknown sensor (phantom-apps #383). */
  function result(call: Call): Question {
    if (cloud.faults.hits('notFound', cloud.faults.nextLook())) throw new Refusal('SensorNotFound');
    return found(call);
  }

  function saved(call: Call): SavedQuestion {
    const one = savedQuestions.byId(idIn(call));
    if (!one) throw new Refusal('SavedQuestionNotFound');
    return one;
  }

  function ask(call: Call): Reply {
    const question = questions.ask(questionFrom(cloud, bodyOf(call), call.session.user.id));
    return data({ id: question.id });
  }

  function parse(call: Call): Reply {
    const text = textIn(bodyOf(call), 'text');
    if (text === null) throw new Refusal('TagNotFound', 'text is required');
    return data(candidatesFor(cloud, text).map((candidate) => candidateWire(cloud, text, candidate)));
  }

  function buildText(call: Call): Reply {
    const body = bodyOf(call);
    const bound = fromObject(cloud, body, existingGroup(cloud, body, 'group'));
    return json(200, { group: recordIn(body, 'group') ?? { id: 0 }, text: textOf(bound) });
  }

  function createSaved(call: Call): Reply {
    const body = bodyOf(call);
    const name = textIn(body, 'name') ?? '';
    if (name === '') throw new Refusal('SavedQuestionNameRequired');
    if (savedQuestions.all().some((one) => one.name === name)) throw new Refusal('SavedQuestionNameNotUnique');
    const question = recordIn(body, 'question');
    if (question === null) throw new Refusal('TagNotFound', 'A saved question requires a question');
    const { bound } = questionFrom(cloud, question, call.session.user.id);
    return data(savedWire(savedQuestions.create(name, bound, call.session.user.id)));
  }

  return [
    { method: 'POST', path: '/api/v2/questions', handle: ask },
    {
      method: 'GET',
      path: '/api/v2/questions',
      handle: (call) =>
        cachedList(
          cloud,
          call,
          questions.all().map((one) => questionWire(cloud, one)),
        ),
    },
    { method: 'GET', path: '/api/v2/questions/{id}', handle: (call) => data(questionWire(cloud, found(call))) },
    { method: 'POST', path: '/api/v2/parse_question', handle: parse },
    { method: 'POST', path: '/api/v2/build_question_text', handle: buildText },
    { method: 'POST', path: '/api/v2/saved_questions', handle: createSaved },
    {
      method: 'GET',
      path: '/api/v2/saved_questions',
      handle: (call) => cachedList(cloud, call, savedQuestions.all().map(savedWire)),
    },
    { method: 'GET', path: '/api/v2/saved_questions/{id}', handle: (call) => data(savedWire(saved(call))) },
    {
      method: 'GET',
      path: '/api/v2/saved_questions/by-name/{id}',
      handle: (call) => {
        const one = savedQuestions.all().find(({ name }) => name === nameIn(call));
        if (!one) throw new Refusal('SavedQuestionNotFound');
        return data(savedWire(one));
      },
    },
    {
      method: 'DELETE',
      path: '/api/v2/saved_questions/{id}',
      handle: (call) => {
        const one = saved(call);
        one.deleted = true;
        return data({ id: one.id });
      },
    },
    {
      method: 'GET',
      path: '/api/v2/result_info/question/{id}',
      handle: (call) => resultInfo(cloud, questionResult(cloud, result(call))),
    },
    {
      method: 'GET',
      path: '/api/v2/result_data/question/{id}',
      handle: (call) => resultData(cloud, call, questionResult(cloud, result(call))),
    },
    {
      method: 'GET',
      path: '/api/v2/result_info/saved_question/{id}',
      handle: (call) => resultInfo(cloud, questionResult(cloud, savedQuestions.run(saved(call)))),
    },
    {
      method: 'GET',
      path: '/api/v2/result_data/saved_question/{id}',
      handle: (call) => resultData(cloud, call, questionResult(cloud, savedQuestions.run(saved(call)))),
    },
  ];
}

function questionWire(cloud: Cloud, question: Question): Wire {
  const { id, text, group, contextGroup, savedQuestionId, userId, expiresAt, expireSeconds } = question;
  return {
    id,
    query_text: text,
    expiration: restTime(expiresAt),
    is_expired: expiresAt <= cloud.timeline.now(),
    expire_seconds: expireSeconds,
    force_computer_id_flag: question.forceComputerId,
    action_tracking_flag: false,
    skip_lock_flag: false,
    hidden_flag: false,
    priority: 0,
    selects: question.selects.map((select) => selectWire(cloud, select)),
    ...(group === null ? {} : { group: groupWire(cloud, group) }),
    context_group: contextGroup === null ? { id: 0 } : groupWire(cloud, contextGroup),
    management_rights_group: { id: 0 },
    saved_question: { id: savedQuestionId },
    user: { id: userId, name: cloud.access.users.find((user) => user.id === userId)?.name ?? '' },
  };
}

function selectWire(cloud: Cloud, { term, test }: Select): Wire {
  return { sensor: sensorWire(cloud, term), ...(test === null ? {} : { filter: testToWire(test) }) };
}

/**
 * The whole definition, its hash as text. Parameters make a temporary sensor of it, with their values written into its
 * scripts percent-encoded (tanium-api.md 3).
 */
function sensorWire(cloud: Cloud, term: SensorTerm): Wire {
  const { wire } = term.sensor;
  const { id, hash, name } = cloud.sensors.identity(term);
  if (term.parameters.length === 0) return { ...wire, hash: String(hash) };
  const values = parametersIn(wire.parameter_definition).map(({ key }, index) => {
    const bare = key.replaceAll('||', '');
    return { key: `||${bare}||`, value: term.parameters[index] ?? '', type: 0 };
  });
  const filled = (script: string): string =>
    values.reduce((text, { key, value }) => text.replaceAll(key, () => percentEncoded(value)), script);
  return {
    ...wire,
    id,
    hash: String(hash),
    name,
    source_id: wire.id,
    source_hash: String(wire.hash),
    source_name: wire.name,
    parameters: values,
    queries: wire.queries.map((query) => ({ ...query, script: filled(query.script) })),
  };
}

function candidateWire(cloud: Cloud, typed: string, { text, bound, canonical, score }: Candidate): Wire {
  const { selects, filter } = bound;
  const parameters = selects.flatMap(({ term }) => term.parameters);
  return {
    question_text: text,
    from_canonical_text: canonical ? 1 : 0,
    score,
    selects: selects.map(({ term, test }) => {
      const { id, hash, name } = term.sensor.wire;
      return { sensor: { id, hash, name }, ...(test === null ? {} : { filter: testToWire(test) }) };
    }),
    ...(filter === null ? {} : { group: filterToWire(cloud, filter) }),
    ...(parameters.length === 0 ? {} : { parameter_values: parameters }),
    sensor_references: selects.map(({ term }) => {
      const { name } = term.sensor.wire;
      return {
        name,
        start_char: String(Math.max(0, typed.toLowerCase().indexOf(name.toLowerCase()))),
        real_ms_avg: term.sensor.source.kind === 'script' ? 850 : 0,
      };
    }),
  };
}

function savedWire({ id, name, text, question, madeAt, userId, deleted }: SavedQuestion): Wire {
  return {
    id,
    name,
    query_text: text,
    question: { id: question?.id ?? 0, query_text: text },
    expire_seconds: 600,
    issue_seconds: 120,
    hidden_flag: false,
    mod_time: restTime(madeAt),
    user: { id: userId },
    deleted_flag: deleted,
  };
}
