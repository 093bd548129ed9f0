/** Creates and changes content: files first, which are told by their hashes, then the object that has a name. */
import type { PackageFields, SensorFields } from '../fleet-ports.ts';
import type { TaniumClient } from './client.ts';
import { readData } from './read.ts';
import { isRecord } from './results-json.ts';

/** Base64 makes four thirds of it; a body of a megabyte passes every gateway. */
const chunkBytes = 512 * 1024;

/** Sends a file up; answers its SHA-256 in hex, by which a package takes it. The same bytes twice are one file. */
export async function uploadFile(client: TaniumClient, bytes: Uint8Array, signal?: AbortSignal): Promise<string> {
  const size = bytes.byteLength;
  let id = -1;
  for (let start = 0; ; start += chunkBytes) {
    const part = bytes.subarray(start, start + chunkBytes);
    const body = {
      ...(id === -1 ? {} : { id }),
      file_size: size,
      start_pos: start,
      bytes: Buffer.from(part).toString('base64'),
    };
    const uploaded = await client.send('uploadFile', { body, signal }, async (response) => {
      const data = await readData(response);
      const file = isRecord(data) ? data['upload_file'] : null;
      if (!isRecord(file)) throw response.malformed('the answer tells of no upload_file');
      return { id: Number(file['id'] ?? -1), hash: String(file['hash'] ?? ''), cached: file['file_cached'] === true };
    });
    id = uploaded.id;
    if (start + part.byteLength >= size) return uploaded.hash.toLowerCase();
  }
}

export async function createSensor(client: TaniumClient, fields: SensorFields, signal?: AbortSignal): Promise<void> {
  await client.send('createSensor', { body: sensorBody(fields), signal }, readData);
}

export async function changeSensor(
  client: TaniumClient,
  id: number,
  fields: Partial<SensorFields>,
  signal?: AbortSignal,
): Promise<void> {
  await client.send('changeSensor', { path: { id }, body: sensorBody(fields), signal }, readData);
}

export async function createPackage(client: TaniumClient, fields: PackageFields, signal?: AbortSignal): Promise<void> {
  await client.send('createPackage', { body: packageBody(fields), signal }, readData);
}

export async function changePackage(
  client: TaniumClient,
  id: number,
  fields: Partial<PackageFields>,
  signal?: AbortSignal,
): Promise<void> {
  await client.send('changePackage', { path: { id }, body: packageBody(fields), signal }, readData);
}

/** What is left out is not sent, and stays as it is. */
function sensorBody(fields: Partial<SensorFields>): Record<string, unknown> {
  const { name, description, contentSet, category, valueType, maxAgeSeconds, maxStringAgeMinutes, maxStrings } = fields;
  const { ignoreCase, hidden, columns, queries } = fields;
  return defined({
    name,
    description,
    content_set: contentSet === undefined ? undefined : { name: contentSet },
    category,
    value_type: valueType,
    max_age_seconds: maxAgeSeconds,
    max_string_age_minutes: maxStringAgeMinutes,
    max_strings: maxStrings,
    ignore_case_flag: ignoreCase,
    hidden_flag: hidden,
    subcolumns: columns?.map((column, index) => ({ name: column, index })),
    queries: queries?.map(({ platform, scriptType, script }) => ({ platform, script_type: scriptType, script })),
  });
}

function packageBody(fields: Partial<PackageFields>): Record<string, unknown> {
  const { name, displayName, contentSet, command, commandTimeoutSeconds, expireSeconds } = fields;
  const { skipLock, processGroup, parameter, files } = fields;
  return defined({
    name,
    display_name: displayName,
    content_set: contentSet === undefined ? undefined : { name: contentSet },
    command,
    command_timeout: commandTimeoutSeconds,
    expire_seconds: expireSeconds,
    skip_lock_flag: skipLock,
    process_group_flag: processGroup,
    parameter_definition: parameter === undefined ? undefined : parameterDefinition(parameter.key, parameter.label),
    files: files?.map(({ name: file, hash, size }) => ({ name: file, hash, size })),
  });
}

/** As the console writes it for one text parameter (tanium-api.md 6). */
function parameterDefinition(key: string, label: string): string {
  const list = 'com.tanium.components.parameters::ParametersArray';
  const text = 'com.tanium.components.parameters::TextInputParameter';
  const parameter = {
    key,
    label,
    helpString: '',
    defaultValue: '',
    promptText: '',
    maxChars: 0,
    restrict: null,
    validationExpressions: [],
    value: '',
    parameterType: text,
    model: text,
  };
  return JSON.stringify({ parameterType: list, model: list, parameters: [parameter] });
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
