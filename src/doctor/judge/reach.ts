/** Whether Tanium can be reached, layer by layer: what a failure does not say is what nobody looked at (#28–#30). */
import type { Reach, ReachLayer } from '../../fleet-ports.ts';
import type { Check } from '../../model/doctor.ts';
import { failedBy, ok, skipped } from './check.ts';

export const apiTokenRow = 'row.api-token';
export const rightsCheck = 'tanium.rights';

const ids: Readonly<Record<ReachLayer, string>> = {
  access: 'tanium.access',
  proxy: 'tanium.proxy',
  dns: 'tanium.dns',
  tcp: 'tanium.tcp',
  tls: 'tanium.tls',
  http: 'tanium.http',
  api: 'tanium.api',
  token: apiTokenRow,
  rights: rightsCheck,
};

/** What lies behind a proxy, the proxy looks up and connects to. */
function layersOf({ proxy, isPlain }: Reach): readonly ReachLayer[] {
  const way: readonly ReachLayer[] = proxy === null ? ['dns', 'tcp'] : ['proxy'];
  return ['access', ...way, ...(isPlain ? [] : (['tls'] as const)), 'http', 'api'];
}

/** The layers up to the API; token and rights are judged by all that was asked. */
export function judgeReach(reach: Reach): readonly Check[] {
  const { failure } = reach;
  const checks: Check[] = [];
  let failed = false;
  for (const layer of layersOf(reach)) {
    const id = ids[layer];
    if (failed) checks.push(skipped(id, whyUnreached(failure)));
    else if (failure?.layer === layer) {
      failed = true;
      checks.push(failedBy(id, failure.error));
    } else checks.push(ok(id, passed(layer, reach)));
  }
  return checks;
}

function passed(layer: ReachLayer, { host, proxy, ms }: Reach): string {
  const to = host ?? 'Tanium';
  switch (layer) {
    case 'access':
      return 'Address, token and certificate authority can be read.';
    case 'proxy':
      return `The proxy ${proxy} connects to ${to}.`;
    case 'dns':
      return `The name of ${to} is known.`;
    case 'tcp':
      return `${to} accepts connections.`;
    case 'tls':
      return `${to} has a certificate that is trusted, and speaks TLS 1.2 or later.`;
    case 'http':
      return `${to} answers in HTTP, after ${ms} ms.`;
    default:
      return `${to} has the Tanium API v2.`;
  }
}

/** What a later check says where the way there has failed. */
export function whyUnreached(failure: Reach['failure']): string {
  return failure === null ? 'Tanium was not asked' : `${ids[failure.layer]} failed`;
}
