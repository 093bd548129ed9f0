/** Which route a path is of. */
import type { Route } from './call.ts';

export interface Match {
  readonly route: Route;
  /** Percent-decoded. */
  readonly parameters: readonly string[];
}

export type Router = (method: string, path: string) => Match | null;

/** No two routes of one method fit the same path. */
export function routerOf(routes: readonly Route[]): Router {
  const byShape = new Map<string, { readonly route: Route; readonly steps: readonly string[] }[]>();
  for (const route of routes) {
    const steps = stepsOf(route.path);
    const shape = `${route.method} ${steps.length}`;
    byShape.set(shape, [...(byShape.get(shape) ?? []), { route, steps }]);
  }
  return (method, path) => {
    const given = stepsOf(path);
    for (const { route, steps } of byShape.get(`${method} ${given.length}`) ?? []) {
      if (!steps.every((step, index) => step === '{id}' || step === given[index])) continue;
      const parameters = given.filter((_, index) => steps[index] === '{id}').map(decoded);
      if (parameters.every((parameter) => parameter !== null)) return { route, parameters };
    }
    return null;
  };
}

function stepsOf(path: string): readonly string[] {
  return path.replace(/\/$/, '').split('/');
}

/** Null: no percent-encoding of UTF-8. */
function decoded(step: string): string | null {
  try {
    return decodeURIComponent(step);
  } catch {
    return null;
  }
}
