/** `/content_sets`, `/sensors`, `/packages`, `/package_files`, `/upload_file`. */
import type { Cloud } from '../cloud.ts';
import { type ContentSet, contentSetWire } from '../content/content-sets.ts';
import { forget } from '../content/evaluate.ts';
import { fileWire, type PackageFile, packageWire } from '../content/package-wire.ts';
import type { Package } from '../content/packages.ts';
import type { Sensor } from '../content/sensor.ts';
import type { Upload } from '../content/uploads.ts';
import { bodyOf, type Call, data, idIn, nameIn, type Reply, type Route } from '../http/call.ts';
import { Refusal } from '../http/failure.ts';
import { flagIn, numberIn, textIn, type Wire } from '../http/fields.ts';
import { cachedList, plainList } from './lists.ts';

export function contentSetRoutes(cloud: Cloud): readonly Route[] {
  const { contentSets } = cloud;
  const path = '/api/v2/content_sets';

  function show(set: ContentSet | undefined): Reply {
    if (!set) throw new Refusal('ContentSetNotFound');
    return data(contentSetWire(set));
  }

  return [
    { method: 'GET', path, handle: (call) => plainList(cloud, call, contentSets.all().map(contentSetWire)) },
    { method: 'POST', path, handle: (call) => show(contentSets.create(bodyOf(call))) },
    { method: 'GET', path: `${path}/{id}`, handle: (call) => show(contentSets.byId(idIn(call))) },
    { method: 'GET', path: `${path}/by-name/{id}`, handle: (call) => show(contentSets.byName(nameIn(call))) },
  ];
}

export function sensorRoutes(cloud: Cloud): readonly Route[] {
  const { sensors, timeline, contentSets } = cloud;
  const fieldsOf = (call: Call): Wire => contentSets.resolved(bodyOf(call));
  const byId = (call: Call): Sensor => found(sensors.byId(idIn(call)));
  const byName = (call: Call): Sensor => found(sensors.byName(nameIn(call)));
  const show = ({ wire }: Sensor): Reply => data(wire);

  function found(sensor: Sensor | undefined): Sensor {
    if (!sensor) throw new Refusal('SensorNotFound');
    return sensor;
  }

  function list(call: Call): Reply {
    const hidden = flagIn(call.options, 'include_hidden_flag') ?? false;
    const shown = sensors.all().filter(({ wire }) => hidden || !wire.hidden_flag);
    return cachedList(
      cloud,
      call,
      shown.map(({ wire }) => wire),
    );
  }

  function change(call: Call, sensor: Sensor): Reply {
    sensors.change(sensor, fieldsOf(call), timeline.now());
    forget(cloud, sensor);
    return show(sensor);
  }

  function remove(sensor: Sensor): Reply {
    sensors.remove(sensor);
    return data({ id: sensor.wire.id });
  }

  return [
    { method: 'GET', path: '/api/v2/sensors', handle: list },
    {
      method: 'POST',
      path: '/api/v2/sensors',
      handle: (call) => data({ id: sensors.create(fieldsOf(call), timeline.now()).wire.id }),
    },
    { method: 'GET', path: '/api/v2/sensors/{id}', handle: (call) => show(byId(call)) },
    { method: 'GET', path: '/api/v2/sensors/by-name/{id}', handle: (call) => show(byName(call)) },
    { method: 'GET', path: '/api/v2/sensors/by-hash/{id}', handle: (call) => show(found(sensors.byHash(idIn(call)))) },
    { method: 'PATCH', path: '/api/v2/sensors/{id}', handle: (call) => change(call, byId(call)) },
    { method: 'PATCH', path: '/api/v2/sensors/by-name/{id}', handle: (call) => change(call, byName(call)) },
    { method: 'DELETE', path: '/api/v2/sensors/{id}', handle: (call) => remove(byId(call)) },
    { method: 'DELETE', path: '/api/v2/sensors/by-name/{id}', handle: (call) => remove(byName(call)) },
  ];
}

export function packageRoutes(cloud: Cloud): readonly Route[] {
  const { packages, contentSets } = cloud;
  const fieldsOf = (call: Call): Wire => contentSets.resolved(bodyOf(call));
  const byId = (call: Call): Package => found(packages.byId(idIn(call)));
  const byName = (call: Call): Package => found(packages.byName(nameIn(call)));
  const show = (shown: Package): Reply => data(packageWire(cloud, shown));

  function found(one: Package | undefined): Package {
    if (!one) throw new Refusal('PackageNotFound');
    return one;
  }

  function list(call: Call): Reply {
    const hidden = flagIn(call.options, 'include_hidden_flag') ?? false;
    const shown = packages.all().filter(({ wire }) => hidden || !wire.hidden_flag);
    return cachedList(
      cloud,
      call,
      shown.map((one) => packageWire(cloud, one)),
    );
  }

  function change(call: Call, one: Package): Reply {
    packages.change(one, fieldsOf(call));
    return show(one);
  }

  function remove(one: Package): Reply {
    packages.remove(one);
    return data({ id: one.wire.id });
  }

  function file(call: Call): { readonly owner: Package; readonly file: PackageFile } {
    const id = idIn(call);
    for (const owner of packages.all()) {
      const one = owner.wire.files.find((other) => other.id === id);
      if (one) return { owner, file: one };
    }
    throw new Refusal('PackageFileNotFound');
  }

  const showFile = (call: Call): Reply => {
    const { owner, file: one } = file(call);
    return data(fileWire(cloud, one, owner));
  };
  const allFiles = (): readonly Wire[] =>
    packages
      .all()
      .filter(({ wire }) => !wire.hidden_flag)
      .flatMap((owner) => owner.wire.files.map((one) => fileWire(cloud, one, owner)));

  return [
    { method: 'GET', path: '/api/v2/packages', handle: list },
    { method: 'POST', path: '/api/v2/packages', handle: (call) => show(packages.create(fieldsOf(call))) },
    { method: 'GET', path: '/api/v2/packages/{id}', handle: (call) => show(byId(call)) },
    { method: 'GET', path: '/api/v2/packages/by-name/{id}', handle: (call) => show(byName(call)) },
    { method: 'PATCH', path: '/api/v2/packages/{id}', handle: (call) => change(call, byId(call)) },
    { method: 'PATCH', path: '/api/v2/packages/by-name/{id}', handle: (call) => change(call, byName(call)) },
    { method: 'DELETE', path: '/api/v2/packages/{id}', handle: (call) => remove(byId(call)) },
    { method: 'DELETE', path: '/api/v2/packages/by-name/{id}', handle: (call) => remove(byName(call)) },
    { method: 'GET', path: '/api/v2/package_files', handle: (call) => plainList(cloud, call, allFiles()) },
    { method: 'GET', path: '/api/v2/package_files/{id}', handle: showFile },
    // Files are fetched when their package is made; there is nothing left that `trigger_download` could start.
    { method: 'PATCH', path: '/api/v2/package_files/{id}', handle: showFile },
  ];
}

export function uploadRoutes({ uploads }: Cloud): readonly Route[] {
  function existing(id: number): Upload {
    const found = uploads.byId(id);
    if (!found) throw new Refusal('PackageFileNotFound');
    return found;
  }

  function upload(call: Call): Reply {
    const body = bodyOf(call);
    const size = numberIn(body, 'file_size');
    if (size === null) throw new Refusal('FileSizeRequired');
    const start = numberIn(body, 'start_pos') ?? 0;
    const bytes = bytesIn(body);
    const id = numberIn(body, 'id') ?? 0;
    const key = textIn(body, 'key') ?? '';
    const one = id > 0 ? existing(id) : uploads.begin(size, key, textIn(body, 'destination_file') ?? '');
    if (bytes.length > 0 || size === 0) uploads.add(one, start, bytes, textIn(body, 'hash'));
    return data({
      upload_file: {
        id: one.id,
        key: one.key,
        destination_file: one.destination,
        hash: one.hash,
        start_pos: start,
        part_size: bytes.length,
        ...progress(one),
      },
    });
  }

  function stream(call: Call): Reply {
    const type = call.headers['content-type'] ?? '';
    if (!/^application\/octet-stream\b/i.test(type)) {
      throw new Refusal('InvalidContentType', 'The simulator takes application/octet-stream');
    }
    return data({ hash: uploads.keep(call.body), file_size: call.body.length });
  }

  function download(call: Call): Reply {
    const content = uploads.content(nameIn(call));
    if (!content) throw new Refusal('PackageFileNotFound');
    return { status: 200, contentType: 'application/octet-stream', body: content };
  }

  return [
    { method: 'POST', path: '/api/v2/upload_file', handle: upload },
    {
      method: 'GET',
      path: '/api/v2/upload_file/{id}',
      handle: (call) => {
        const one = existing(idIn(call));
        return data({ upload_file_status: { id: one.id, ...progress(one), file_parts: [] } });
      },
    },
    { method: 'POST', path: '/api/v2/upload_file_stream', handle: stream },
    { method: 'GET', path: '/cache/{id}', handle: download },
  ];
}

function progress({ size, received, hash }: Upload): Wire {
  const percent = size === 0 ? 100 : Math.floor((received / size) * 100);
  return { percent_complete: percent, file_cached: hash !== '' };
}

function bytesIn(body: Wire): Buffer {
  const text = textIn(body, 'bytes') ?? '';
  const bytes = Buffer.from(text, 'base64');
  const same = bytes.toString('base64').replace(/=+$/, '') === text.replace(/=+$/, '').replaceAll(/\s/g, '');
  if (!same) throw new Refusal('InvalidBase64');
  return bytes;
}
