/** An EdrProvider with its defaults filled in. */
import type { DesiredProvider, SecretReference } from '../model/desired.ts';
import { defaultFields } from '../model/provider-fields.ts';
import type { Sid } from '../model/sid.ts';
import { type DocumentOf, refOf } from './document.ts';
import type * as written from './generated/documents.ts';

export function compileProvider(document: DocumentOf<'EdrProvider'>): DesiredProvider {
  const { spec, metadata } = document.value;
  const { fields = {}, logs = {}, proxy, releaseToggle } = spec;
  return {
    ref: refOf(document),
    provider: spec.provider ?? 'tanium_cloud',
    name: spec.name ?? metadata.name,
    enable: spec.enable ?? true,
    apiBaseUrl: typeof spec.apiBaseUrl === 'string' ? spec.apiBaseUrl : { env: spec.apiBaseUrl.env },
    apiKey: secretReference(spec.apiKey),
    proxy:
      proxy === undefined
        ? null
        : {
            url: proxy.url,
            username: proxy.username ?? null,
            password: proxy.password === undefined ? null : secretReference(proxy.password),
          },
    caFile: spec.tls?.ca ?? null,
    toggle:
      releaseToggle === undefined
        ? null
        : { name: releaseToggle.name ?? 'tanium_cloud', enabled: releaseToggle.enabled },
    options: { ...spec.options },
    optionsPolicy: spec.optionsPolicy ?? 'merge',
    fields: {
      collections: { ...defaultFields.collections, ...fields.collections },
      provider: { ...defaultFields.provider, ...fields.provider },
      computer: { ...defaultFields.computer, ...fields.computer },
    },
    principals: new Map<string, Sid>((spec.principals ?? []).map(({ name, sid }) => [name, sid])),
    deviceLabels: spec.deviceLabels ?? null,
    npsdVersion: spec.npsdVersion ?? null,
    apiKeyExpires: spec.apiKeyExpires ?? null,
    logs: {
      svcScan: logs.svcScan ?? null,
      bulkScan: logs.bulkScan ?? null,
      taniumApi: logs.taniumApi ?? null,
      mongod: logs.mongod ?? null,
    },
  };
}

/** The schema has seen to it that exactly one of the three is there. */
function secretReference({ env, file, command }: written.SecretReference): SecretReference {
  if (env !== undefined) return { env };
  return file === undefined ? { command: command ?? [] } : { file };
}
