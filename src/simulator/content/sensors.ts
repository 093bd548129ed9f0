/** All sensors of the server, and the temporary ones that parameters make of them. */
import { hashText } from '../draw.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, isRecord, listIn, numberIn, recordIn, textIn, type Wire } from '../http/fields.ts';
import { restTime } from '../http/times.ts';
import type { Sensor, SensorQuery, SensorTerm, SensorWire } from './sensor.ts';
import { ownSource, type StockSensor, stockSensors } from './stock-sensors.ts';

export interface SensorIdentity {
  readonly id: number;
  readonly hash: number;
  readonly name: string;
}

export interface Sensors {
  /** Those that are not deleted, by id. */
  all(): readonly Sensor[];
  byId(id: number): Sensor | undefined;
  /** Tells upper from lower case. */
  byName(name: string): Sensor | undefined;
  byHash(hash: number): Sensor | undefined;
  /** By name; where `anyCase` is set, also where only the case differs. */
  find(name: string, anyCase: boolean): Sensor | undefined;
  /** @throws Refusal */
  create(fields: Wire, at: number): Sensor;
  /** @throws Refusal */
  change(sensor: Sensor, fields: Wire, at: number): void;
  remove(sensor: Sensor): void;
  /** Who a term is in a result: the sensor itself, or the temporary one that its parameters make of it. */
  identity(term: SensorTerm): SensorIdentity;
  /** The term behind a temporary sensor. */
  temporary(id: number | null, hash: number | null): SensorTerm | undefined;
}

/** Temporary sensors are numbered downwards from here (tanium-api.md 3). */
const firstTemporaryId = 4_294_967_291;

export function openSensors(at: number): Sensors {
  const sensors: Sensor[] = stockSensors.map((stock, index) => stockSensor(stock, index + 1, at));
  const byId = new Map(sensors.map((sensor) => [sensor.wire.id, sensor]));
  const temporary = new Map<string, SensorIdentity & { readonly term: SensorTerm }>();
  const present = (): readonly Sensor[] => sensors.filter(({ deleted }) => !deleted);

  function byName(name: string): Sensor | undefined {
    return sensors.find(({ wire, deleted }) => !deleted && wire.name === name);
  }

  return {
    all: present,
    byId: (id) => {
      const found = byId.get(id);
      return found?.deleted === false ? found : undefined;
    },
    byName,
    byHash: (hash) => present().find(({ wire }) => wire.hash === hash),
    find: (name, anyCase) => {
      const lower = name.toLowerCase();
      return byName(name) ?? (anyCase ? present().find(({ wire }) => wire.name.toLowerCase() === lower) : undefined);
    },
    create: (fields, now) => {
      // Blanks at its end are part of a name, as nobody sees and everybody trips over.
      const name = textIn(fields, 'name') ?? '';
      demandName(name);
      if (present().some(({ wire }) => wire.name.toLowerCase() === name.toLowerCase())) {
        throw new Refusal('SensorNameNotUnique');
      }
      const id = sensors.length + 1;
      const wire = wireFrom({ ...blank(id, name, now), ...given(fields), id, name, hash: hashText(name) });
      const sensor: Sensor = { wire, source: ownSource, deleted: false };
      sensors.push(sensor);
      byId.set(id, sensor);
      return sensor;
    },
    change: (sensor, fields, now) => {
      const { wire } = sensor;
      const own = new Set(Object.keys(fields));
      const limits = ['max_strings', 'max_string_age_minutes'];
      if (wire.category === 'Reserved' && [...own].some((key) => !limits.includes(key))) {
        throw new Refusal('CannotModifyReservedSensor');
      }
      const identity = { id: wire.id, name: wire.name, hash: wire.hash };
      sensor.wire = wireFrom({ ...wire, ...given(fields), ...identity, modification_time: restTime(now) });
    },
    remove: (sensor) => {
      if (sensor.wire.category === 'Reserved') throw new Refusal('CannotModifyReservedSensor');
      sensor.deleted = true;
    },
    identity: (term) => {
      const { sensor, parameters } = term;
      const { id, hash, name } = sensor.wire;
      if (parameters.length === 0) return { id, hash, name };
      const full = `${name}[${parameters.join(',')}]`;
      const found = temporary.get(full);
      if (found) return found;
      const bare = { sensor, parameters, maxAgeSeconds: null };
      const made = { id: firstTemporaryId - temporary.size, hash: hashText(full), name: full, term: bare };
      temporary.set(full, made);
      return made;
    },
    temporary: (id, hash) => [...temporary.values()].find((one) => one.id === id || one.hash === hash)?.term,
  };
}

function demandName(name: string): void {
  if (name.trim() === '') throw new Refusal('TagNotFound', 'A sensor requires a name');
  if (name.length > 256) throw new Refusal('SensorNameTooLong');
  if (name.includes('linux:')) throw new Refusal('SensorNameInvalid');
}

/** Without what only the server sets. */
function given(fields: Wire): Wire {
  const { id, hash, hash_size, creation_time, modification_time, last_modified_by, string_count, ...rest } = fields;
  return rest;
}

function stockSensor(stock: StockSensor, id: number, at: number): Sensor {
  const { name, hash, category, description, source, parameter, delimiter, columns } = stock;
  const wire = wireFrom({
    ...blank(id, name, at),
    category,
    description,
    hash: hash ?? hashText(name),
    content_set: { id: 1, name: 'Reserved' },
    value_type: stock.valueType ?? 'String',
    max_age_seconds: stock.maxAgeSeconds,
    delimiter: delimiter ?? ',',
    subcolumns: (columns ?? []).map((column, index) => ({ name: column, index, value_type: 'String' })),
    parameter_definition: parameter === undefined ? '' : parameterDefinition(parameter),
  });
  return { wire, source, deleted: false };
}

function parameterDefinition(key: string): string {
  const kind = 'com.tanium.components.parameters::TextInputParameter';
  const validationExpressions = [{ expression: '[0-9]+', helpString: 'A number', flags: '', model: '' }];
  return JSON.stringify({
    parameterType: 'com.tanium.components.parameters::ParametersArray',
    model: 'com.tanium.components.parameters::ParametersArray',
    parameters: [{ key, label: key, defaultValue: '', validationExpressions, parameterType: kind, model: kind }],
  });
}

function blank(id: number, name: string, at: number): Wire {
  return {
    id,
    name,
    hash: 0,
    hash_size: 16,
    category: '',
    description: '',
    content_set: { id: 2, name: 'Base' },
    queries: [],
    value_type: 'String',
    delimiter: ',',
    subcolumns: [],
    max_age_seconds: 900,
    max_strings: 0,
    max_string_age_minutes: 0,
    string_count: 0,
    string_hints: [],
    ignore_case_flag: true,
    keep_duplicates_flag: false,
    exclude_from_parse_flag: false,
    hidden_flag: false,
    preview_sensor_flag: false,
    sensitive_data_flag: false,
    parameter_definition: '',
    parameters: [],
    source_id: 0,
    source_hash: 0,
    creation_time: restTime(at),
    modification_time: restTime(at),
    last_modified_by: 'administrator',
    mod_user: { id: 1, name: 'administrator', domain: '' },
    metadata: [],
    deleted_flag: false,
  };
}

/** Whatever a client sent, with every field that the simulator works with in its type. */
function wireFrom(fields: Wire): SensorWire {
  return {
    ...fields,
    id: numberIn(fields, 'id') ?? 0,
    name: textIn(fields, 'name') ?? '',
    hash: numberIn(fields, 'hash') ?? 0,
    category: textIn(fields, 'category') ?? '',
    description: textIn(fields, 'description') ?? '',
    queries: listIn(fields, 'queries').filter(isRecord).map(queryFrom),
    value_type: textIn(fields, 'value_type') ?? 'String',
    max_age_seconds: numberIn(fields, 'max_age_seconds') ?? 900,
    delimiter: textIn(fields, 'delimiter') ?? '',
    subcolumns: listIn(fields, 'subcolumns')
      .filter(isRecord)
      .map((column, index) => ({
        ...column,
        name: textIn(column, 'name') ?? '',
        index: numberIn(column, 'index') ?? index,
        value_type: textIn(column, 'value_type') ?? 'String',
      })),
    ignore_case_flag: flagIn(fields, 'ignore_case_flag') ?? true,
    keep_duplicates_flag: flagIn(fields, 'keep_duplicates_flag') ?? false,
    hidden_flag: flagIn(fields, 'hidden_flag') ?? false,
    parameter_definition: textIn(fields, 'parameter_definition') ?? '',
    content_set: recordIn(fields, 'content_set') ?? { id: 2, name: 'Base' },
  };
}

function queryFrom(query: Wire): SensorQuery {
  return {
    ...query,
    platform: textIn(query, 'platform') ?? '',
    script: textIn(query, 'script') ?? '',
    script_type: textIn(query, 'script_type') ?? '',
  };
}
