/** Lists of objects as the API answers them, with or without the trailing cache_info (tanium-api.md 2). */
import type { Cloud } from '../cloud.ts';
import { type Call, json, type Reply } from '../http/call.ts';
import { flagIn, type Wire } from '../http/fields.ts';
import { filtered, sorted, viewOf } from '../questions/view.ts';

/** For types that support caching: the list ends with a cache_info, which is all there is of an empty one. */
export function cachedList(cloud: Cloud, call: Call, items: readonly Wire[], last: readonly Wire[] = []): Reply {
  const view = viewOf(cloud, call, () => sorted(filtered(items, call.options), call.options));
  const info = {
    cache_id: view.cache?.id ?? 0,
    page_row_count: view.page.length,
    filtered_row_count: view.items.length,
    cache_row_count: items.length,
    expiration: view.cache?.lifetime ?? 0,
  };
  const page = flagIn(call.options, 'suppress_object_list') ? [] : view.page;
  return { status: 200, contentType: 'application/json', body: pieces([...page, ...last, info]) };
}

export function plainList(cloud: Cloud, call: Call, items: readonly Wire[]): Reply {
  return json(200, { data: viewOf(cloud, call, () => sorted(filtered(items, call.options), call.options)).page });
}

const itemsOfPiece = 200;

function* pieces(items: readonly Wire[]): Generator<string> {
  yield '{"data":[';
  for (let at = 0; at < items.length; at += itemsOfPiece) {
    const piece = JSON.stringify(items.slice(at, at + itemsOfPiece)).slice(1, -1);
    yield at === 0 ? piece : `,${piece}`;
  }
  yield ']}';
}
