/** One action for one device: issued once, followed to its end, its output read. It keeps nothing. */
import { type DecodedReports, decodeReports } from '../endpoint/report.ts';
import { TrueupError } from '../errors.ts';
import type { ActionState, FleetActions, IssueRequest, ResolvedRoute } from '../fleet-ports.ts';
import type { IntegrationOptions } from '../model/options.ts';
import type { Clock } from '../ports.ts';

export interface OneActionContext {
  readonly actions: FleetActions;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An action that nobody adopts; of one name there is never a second one. Answers its id. */
export async function issueOnce(
  context: OneActionContext,
  route: ResolvedRoute,
  request: IssueRequest,
): Promise<string> {
  const { actions, signal } = context;
  try {
    return await actions.issue(route, request, signal);
  } catch (error) {
    if (!(error instanceof TrueupError && error.doubtful) || signal.aborted) throw error;
    const made = await findIssued(context, request.name);
    if (made === null) throw error;
    return made;
  }
}

/** How long after a doubtful POST the action may still appear: the client's timeout of 30 s, plus 30 s. */
const doubtLooks = 60;

/** Of an action that may have been made all the same; null: it was not. */
async function findIssued({ actions, clock, signal }: OneActionContext, name: string): Promise<string | null> {
  for (let look = 1; ; look += 1) {
    const [id] = await actions.find(name, signal);
    if (id !== undefined || look > doubtLooks) return id ?? null;
    await clock.sleep(1000, signal);
  }
}

/** Looks every `action_check_interval_seconds` for at most `action_timeout_seconds` (#16); null: it said nothing. */
export async function waitFor(
  { actions, clock, signal }: OneActionContext,
  actionId: string,
  computerId: string,
  options: Pick<IntegrationOptions, 'action_timeout_seconds' | 'action_check_interval_seconds'>,
): Promise<ActionState | null> {
  const deadline = Date.parse(clock.now()) + options.action_timeout_seconds * 1000;
  for (;;) {
    const { status, devices } = await actions.progress(actionId, signal);
    const state = devices.get(computerId) ?? null;
    const isOver = state === 'completed' || state === 'failed' || status === 'closed' || status === 'stopped';
    if (isOver || Date.parse(clock.now()) >= deadline) return state;
    await clock.sleep(options.action_check_interval_seconds * 1000, signal);
  }
}

const logAttempts = 3;

/** A client shows the last words of a command a little late. */
export async function outputOf(
  { actions, clock, signal }: OneActionContext,
  actionId: string,
  computerId: string,
): Promise<{ readonly decoded: DecodedReports; readonly lines: readonly string[] }> {
  let lines: readonly string[] = [];
  for (let attempt = 1; ; attempt += 1) {
    for await (const log of actions.logs(actionId, [computerId], signal)) lines = log.lines;
    const decoded = decodeReports(lines);
    if (!decoded.cut || attempt === logAttempts) return { decoded, lines };
    await clock.sleep(1000, signal);
  }
}
